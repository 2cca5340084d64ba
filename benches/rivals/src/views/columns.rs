//! Facts in the columns that the views need, in PostgreSQL's binary COPY format.
//!
//! Invariant: a row holds what Talon's days read of a fact, and nothing has been decided yet: which fact wins, what counts
//! once and what is a sale is for the SQL to say. This module talks to no server.

use anyhow::Result;
use talon_domain::fact::{Fact, Payload, RefundEnd, Text};
use talon_domain::money::Amount;

use crate::copy::{EPOCH, field, field_or_none};

/// The table. It is not logged, as nothing is that can be made again.
pub(crate) const TABLE: &str = "CREATE UNLOGGED TABLE event (
    merchant bigint, stream uuid, event_id uuid, kind int, occurred_at timestamptz, day date, shop int, terminal int,
    provider text, amount bigint, instalment int, installments_count int, tickets int, source int, refund text)";

const COLUMNS: i16 = 15;
/// 2000-01-01, where PostgreSQL's dates begin, in days since 1970.
const FIRST_DAY: i32 = 10_957;

/// What the payload of a fact adds to its header; what it does not state is absent.
#[derive(Debug, Default)]
struct Said<'f> {
    provider: Option<&'f Text>,
    amount: Option<u128>,
    instalment: Option<u32>,
    installments_count: Option<u32>,
    tickets: Option<usize>,
    refund: Option<&'f Text>,
}

/// Adds the row of a fact.
pub(crate) fn row(batch: &mut Vec<u8>, fact: &Fact) -> Result<()> {
    let (header, said) = (&fact.header, Said::of(&fact.payload));
    batch.extend_from_slice(&COLUMNS.to_be_bytes());
    field(batch, &i64::try_from(header.merchant.0)?.to_be_bytes())?;
    field(batch, &header.stream.0)?;
    field(batch, &header.event_id.0)?;
    field(batch, &i32::from(header.kind.0).to_be_bytes())?;
    field(batch, &(header.occurred_at.0 - EPOCH).to_be_bytes())?;
    field(batch, &(i32::from(header.day.0) - FIRST_DAY).to_be_bytes())?;
    field(batch, &i32::try_from(header.shop.0)?.to_be_bytes())?;
    field(batch, &i32::try_from(header.terminal.0)?.to_be_bytes())?;
    field_or_none(batch, said.provider.map(Text::as_bytes))?;
    let amount = said.amount.map(|amount| i64::try_from(amount).map(i64::to_be_bytes)).transpose()?;
    field_or_none(batch, amount.as_ref().map(<[u8; 8]>::as_slice))?;
    number(batch, said.instalment)?;
    number(batch, said.installments_count)?;
    number(batch, said.tickets.map(u32::try_from).transpose()?)?;
    number(batch, Some(header.source as u32))?;
    field_or_none(batch, said.refund.map(Text::as_bytes))
}

fn number(batch: &mut Vec<u8>, number: Option<u32>) -> Result<()> {
    let bytes = number.map(|number| i32::try_from(number).map(i32::to_be_bytes)).transpose()?;
    field_or_none(batch, bytes.as_ref().map(<[u8; 4]>::as_slice))
}

impl<'f> Said<'f> {
    fn of(payload: &'f Payload) -> Self {
        let units = |amount: Amount| u128::from(amount.minor_units());
        match payload {
            Payload::PaymentInitiated(fact) => {
                Self { provider: fact.provider.as_ref(), amount: Some(units(fact.amount.amount)), ..Self::default() }
            }
            Payload::ScheduleChosen(fact) => Self {
                provider: fact.provider.as_ref(),
                amount: fact.plan.original_purchase().map(|(_, sum)| sum),
                installments_count: Some(fact.plan.installments_count),
                ..Self::default()
            },
            Payload::PaymentAccepted(fact) => Self {
                provider: fact.provider.as_ref(),
                amount: fact.amount.map(|money| units(money.amount)),
                ..Self::default()
            },
            Payload::Debited(fact) => Self {
                provider: fact.provider.as_ref(),
                amount: Some(units(fact.amount.amount)),
                instalment: Some(fact.instalment),
                ..Self::default()
            },
            Payload::Refunded(fact) if matches!(fact.end, RefundEnd::Completed { .. }) => Self {
                provider: fact.provider.as_ref(),
                amount: fact.amount.map(|money| units(money.amount)),
                refund: fact.refund_id.as_ref(),
                ..Self::default()
            },
            Payload::TicketsPrinted(fact) => {
                let originals = fact.tickets.iter().filter(|ticket| ticket.copy.get() == 1).count();
                Self { tickets: Some(originals), ..Self::default() }
            }
            _ => Self::default(),
        }
    }
}
