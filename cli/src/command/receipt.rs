//! `talon receipt`: a payment's ticket, as its paper reads, or a terminal's at the end of its day.
//!
//! A duplicate shows the payment as it was when its original was printed: from the facts that had happened by then, and of
//! these from those that were recorded before the print itself. Where that makes no such paper, the printer knew
//! more than the ledger then did, and all that had happened counts.

mod day;

use anyhow::{anyhow, bail};
use talon_domain::fact::{Fact, FactHeader, Ordinal, Payload, PrintedTicket, TicketKind};
use talon_domain::fold::Fold;
use talon_domain::ids::{EventId, MerchantId, Position, ShopId, StreamKey};
use talon_domain::state::{Print, State};
use talon_domain::stream::Stream;
use talon_domain::time::{Day, Instant};
use talon_journal::{Journal, Positions, Record, partition_of};
use talon_projections::registry::Registry;
use talon_receipts::{Holder, Layout, NoTicket, Particulars, Width, layout};
use talon_replay::History;

use crate::args::{Common, ReceiptArgs, Then, TicketArg, WidthArg};
use crate::command::transaction::{id, known};
use crate::exit::{Exit, UsageError};
use crate::keys::Masks;
use crate::ledger;
use crate::park::moment;
use crate::show::{Screen, as_of_remark};

pub(crate) fn run(args: &ReceiptArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let then = args.as_of.read()?;
    let asked = Asked::of(args, &then, screen)?;
    let dir = common.ledger()?;
    let journal = ledger::open_to_read(dir)?;
    let history = ledger::history_as_of(&journal, &then)?;
    let registry = Registry::of(history.fold());
    if let Some(terminal) = args.terminal {
        let layout = day::layout(terminal, &asked, &history, &registry, screen)?;
        screen.raw(&layout.text(width(args.width)))?;
        as_of_remark(&then, history.positions(), screen)?;
        return Ok(Exit::Done);
    }
    let mut masks = Masks::new(dir, common, journal.identity().ledger_id, screen)?;
    for key in known(&history, id(args.id.as_deref().unwrap_or_default())?)? {
        let Some(stream) = history.fold().stream(key) else { continue };
        let paper = Paper { key, stream, asked: &asked, registry: &registry, history: &history, journal: &journal };
        let layout = paper.layout(&mut masks, screen)?;
        screen.raw(&layout.text(width(args.width)))?;
    }
    as_of_remark(&then, history.positions(), screen)?;
    Ok(Exit::Done)
}

/// What the command line asks for, read and found to make sense.
struct Asked<'a> {
    args: &'a ReceiptArgs,
    then: &'a Then,
    kind: TicketKind,
    holder: Holder,
    copy: Ordinal,
    reprinted_at: Option<Instant>,
}

impl<'a> Asked<'a> {
    fn of(args: &'a ReceiptArgs, then: &'a Then, screen: &Screen) -> anyhow::Result<Self> {
        let kind = args.kind.map_or(TicketKind::InProgress, kind);
        let is_for_either = matches!(kind, TicketKind::Refund | TicketKind::Plan);
        let misuse = if args.refund.is_some() && kind != TicketKind::Refund {
            Some(screen.say("--refund va avec --kind t5", "--refund goes with --kind t5"))
        } else if (args.till || args.customer) && !is_for_either {
            Some(screen.say(
                "--customer et --till vont avec --kind t5 ou t7 : les autres tickets ont leur détenteur",
                "--customer and --till go with --kind t5 or t7: the other tickets have their holder",
            ))
        } else if args.at_reprint.is_some() && args.copy < 2 {
            Some(screen.say("--at-reprint va avec --copy 2 ou plus", "--at-reprint goes with --copy 2 or more"))
        } else {
            None
        };
        if let Some(misuse) = misuse {
            return Err(UsageError(misuse.into()).into());
        }
        Ok(Self {
            args,
            then,
            kind,
            holder: if args.till { Holder::Till } else { Holder::Customer },
            copy: Ordinal::new(args.copy),
            reprinted_at: reprinted_at(args, then, screen)?,
        })
    }

    /// No duplicate is printed before its original.
    fn hold_reprint(&self, original: Instant, screen: &Screen) -> anyhow::Result<()> {
        if self.args.at_reprint.is_some() && self.reprinted_at.is_some_and(|at| at < original) {
            let wrong = screen.say(
                "--at-reprint est avant l'original : un duplicata s'imprime après lui",
                "--at-reprint is before the original: a duplicate is printed after it",
            );
            return Err(UsageError(wrong.into()).into());
        }
        Ok(())
    }

    const fn is_duplicate(&self) -> bool {
        self.copy.get() > 1
    }
}

fn reprinted_at(args: &ReceiptArgs, then: &Then, screen: &Screen) -> anyhow::Result<Option<Instant>> {
    let Some(text) = &args.at_reprint else { return Ok((args.copy > 1).then(|| then.now())) };
    let wanted = screen.say(
        "--at-reprint veut un instant, comme 2026-11-25T10:00:00+01:00",
        "--at-reprint wants a moment, as 2026-11-25T10:00:00+01:00",
    );
    moment(text).map(Some).ok_or_else(|| UsageError(wanted.into()).into())
}

/// One payment's paper.
struct Paper<'a> {
    key: StreamKey,
    stream: &'a Stream,
    asked: &'a Asked<'a>,
    registry: &'a Registry,
    history: &'a History,
    journal: &'a dyn Journal,
}

impl Paper<'_> {
    fn layout(&self, masks: &mut Masks, screen: &Screen) -> anyhow::Result<Layout> {
        let whole = self.stream.state(self.key);
        if !self.asked.is_duplicate() {
            return self.of(&whole, None, masks)?.map_err(|none| anyhow!("{}", none.words(screen.language)));
        }
        let printed = self.printed(&whole, screen)?;
        self.asked.hold_reprint(printed.at, screen)?;
        let state = |printed: &Printed| state_at(self.stream, self.key, printed);
        if let Ok(layout) = self.of(&state(&printed), Some(&printed), masks)? {
            return Ok(layout);
        }
        let printed = Printed { by: None, ..printed };
        self.of(&state(&printed), Some(&printed), masks)?.map_err(|none| anyhow!("{}", none.words(screen.language)))
    }

    fn of(
        &self,
        state: &State,
        printed: Option<&Printed>,
        masks: &mut Masks,
    ) -> anyhow::Result<Result<Layout, NoTicket>> {
        let known = Phones {
            journal: self.journal,
            end: self.history.positions().next(partition_of(self.key.merchant)),
            day: self.asked.then.as_of.effective_at,
        };
        let phone = known.masked(self.key, printed, masks)?;
        let day = state.began_at.and_then(Instant::paris_day);
        let known_as = day.and_then(|day| shop_label(self.registry, self.key.merchant, state.shop, day));
        let of = Particulars {
            state,
            shop_name: self.asked.args.shop_name.as_deref().or(known_as),
            masked_phone: phone.as_deref(),
            refund: self.asked.args.refund.as_deref(),
            holder: self.asked.holder,
            copy: self.asked.copy,
            reprinted_at: self.asked.reprinted_at,
        };
        Ok(layout(self.asked.kind, &of))
    }

    /// When the original was printed; of a statement, the last one.
    fn printed(&self, whole: &State, screen: &Screen) -> anyhow::Result<Printed> {
        let refund = self.asked.args.refund.as_deref();
        if self.asked.kind == TicketKind::Refund
            && let Err(none @ NoTicket::RefundNotNamed) =
                layout(self.asked.kind, &Particulars { refund, ..Particulars::of(whole) })
        {
            bail!("{}", none.words(screen.language));
        }
        let originals = whole.prints.iter().filter(|print| print.kind == self.asked.kind && print.copy == 1);
        let meant = originals.filter(|print| is_about(print, refund, whole));
        let last = meant.max_by_key(|print| print.occurred_at);
        last.map(|print| Printed { at: print.occurred_at, by: told_by(self.stream, print) }).ok_or_else(|| {
            anyhow!(
                screen
                    .say(
                        "aucun original de ce ticket n'a été imprimé : l'imprimer d'abord, sans --copy",
                        "no original of this ticket was printed: print that first, without --copy",
                    )
                    .to_owned()
            )
        })
    }
}

/// The print of an original.
#[derive(Clone, Copy, Debug)]
struct Printed {
    at: Instant,
    /// The first fact that tells of it, behind which nothing counts; `None` if the order of facts does not matter.
    by: Option<EventId>,
}

impl Printed {
    fn is_told_by(&self, header: &FactHeader) -> bool {
        self.by == Some(header.event_id)
    }
}

/// The first fact that tells of a print.
fn told_by(stream: &Stream, print: &Print) -> Option<EventId> {
    let tells = |fact: &&Fact| match &fact.payload {
        Payload::TicketsPrinted(printed) => {
            let is_it = |ticket: &PrintedTicket| {
                let about = ticket.about.as_deref().unwrap_or_default();
                (ticket.kind, about, ticket.copy.get()) == (print.kind, &*print.about, print.copy)
            };
            fact.header.occurred_at == print.occurred_at && printed.tickets.iter().any(is_it)
        }
        _ => false,
    };
    stream.facts().find(tells).map(|fact| fact.header.event_id)
}

/// Whether a paper is about this refund, by either of its names; one that says nothing is about the only one.
fn is_about(print: &Print, refund: Option<&str>, state: &State) -> bool {
    let Some(name) = refund.filter(|_| !print.about.is_empty()) else { return true };
    let named = |id: Option<&str>| id == Some(name);
    let both = state.refunds.iter().filter(|of| named(of.refund_id.as_deref()) || named(of.request_id.as_deref()));
    let mut names = both.flat_map(|of| [of.refund_id.as_deref(), of.request_id.as_deref()]).flatten();
    *print.about == *name || names.any(|other| *print.about == *other)
}

/// The payment as it was: of the facts that were known at a print, without the prints themselves.
fn state_at(stream: &Stream, key: StreamKey, printed: &Printed) -> State {
    let mut fold = Fold::new();
    let is_print = |payload: &Payload| matches!(payload, Payload::TicketsPrinted(_));
    let told = stream.facts().take_while(|fact| !printed.is_told_by(&fact.header));
    let before = told.filter(|fact| fact.header.occurred_at <= printed.at && !is_print(&fact.payload));
    before.for_each(|fact| {
        fold.apply(partition_of(key.merchant), fact.clone());
    });
    fold.stream(key).cloned().unwrap_or_default().state(key)
}

/// What the registry calls a shop on a day, else its merchant.
fn shop_label(registry: &Registry, merchant: MerchantId, shop: ShopId, day: Day) -> Option<&str> {
    let shop = registry.shop_by_nic(merchant, shop, day).and_then(|shop| shop.what.label.as_deref());
    shop.or_else(|| registry.merchant(merchant).map(|merchant| &*merchant.what.label))
}

const fn kind(kind: TicketArg) -> TicketKind {
    match kind {
        TicketArg::T1 => TicketKind::InProgress,
        TicketArg::T2 => TicketKind::Customer,
        TicketArg::T3 => TicketKind::Till,
        TicketArg::T4 => TicketKind::Ended,
        TicketArg::T5 => TicketKind::Refund,
        TicketArg::T7 => TicketKind::Plan,
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
    let end = journal.ends().next(partition_of(key.merchant));
    Phones { journal, end, day: None }.masked(key, None, masks)
}

/// The phones that were known then.
struct Phones<'j> {
    journal: &'j dyn Journal,
    /// Where the payment's partition ended.
    end: Position,
    /// The last day whose facts count; `None` if all do.
    day: Option<Day>,
}

impl Phones<'_> {
    /// The last phone that a payment had, at a print if one is meant.
    fn masked(&self, key: StreamKey, printed: Option<&Printed>, masks: &mut Masks) -> anyhow::Result<Option<String>> {
        let partition = partition_of(key.merchant);
        let mut reader = self.journal.read(partition, Positions::beginning().next(partition))?;
        let mut phone = None;
        while let Some(stored) = reader.next()?.filter(|stored| stored.position < self.end) {
            let Ok(record) = Record::parse(stored.bytes) else { continue };
            let header = record.fact_header();
            if printed.is_some_and(|printed| printed.is_told_by(&header)) {
                break;
            }
            let counts = self.day.is_none_or(|day| header.day <= day)
                && printed.is_none_or(|printed| header.occurred_at <= printed.at);
            if counts && record.stream_id() == key.stream && header.stream_key() == key {
                phone = masks.phone(&record).or(phone);
            }
        }
        Ok(phone)
    }
}
