//! `talon receipt`: a ticket of a payment, as its paper reads.

use anyhow::anyhow;
use talon_domain::fact::TicketKind;
use talon_domain::ids::StreamKey;
use talon_journal::{Journal, Positions, Record, partition_of};
use talon_receipts::{Particulars, Width, layout};

use crate::args::{Common, ReceiptArgs, TicketArg, WidthArg};
use crate::command::transaction::{id, known};
use crate::exit::Exit;
use crate::keys::Masks;
use crate::ledger;
use crate::show::Screen;

pub(crate) fn run(args: &ReceiptArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let dir = common.ledger()?;
    let journal = ledger::open_to_read(dir)?;
    let history = ledger::history(&journal)?;
    let mut masks = Masks::new(dir, common, journal.identity().ledger_id, screen)?;
    for key in known(&history, id(&args.id)?)? {
        let Some(stream) = history.fold().stream(key) else { continue };
        let phone = masked_phone(&journal, key, &mut masks)?;
        let state = stream.state(key);
        let particulars = Particulars {
            shop_name: args.shop_name.as_deref(),
            masked_phone: phone.as_deref(),
            ..Particulars::of(&state)
        };
        let ticket =
            layout(kind(args.kind), &particulars).map_err(|none| anyhow!("{}", none.words(screen.language)))?;
        screen.raw(&ticket.text(width(args.width)))?;
    }
    Ok(Exit::Done)
}

const fn kind(kind: TicketArg) -> TicketKind {
    match kind {
        TicketArg::T1 => TicketKind::InProgress,
        TicketArg::T2 => TicketKind::Customer,
        TicketArg::T3 => TicketKind::Till,
        TicketArg::T4 => TicketKind::Ended,
    }
}

const fn width(width: WidthArg) -> Width {
    match width {
        WidthArg::Columns24 => Width::Columns24,
        WidthArg::Columns42 => Width::Columns42,
    }
}

/// The last phone of a payment, as a ticket may show it.
pub(crate) fn masked_phone(journal: &dyn Journal, key: StreamKey, masks: &mut Masks) -> anyhow::Result<Option<String>> {
    let partition = partition_of(key.merchant);
    let mut reader = journal.read(partition, Positions::beginning().next(partition))?;
    let mut phone = None;
    while let Some(stored) = reader.next()? {
        let Ok(record) = Record::parse(stored.bytes) else { continue };
        if record.stream_id() == key.stream && record.fact_header().stream_key() == key {
            phone = masks.phone(&record).or(phone);
        }
    }
    Ok(phone)
}
