//! Record 0 of every partition: which ledger this is.
//!
//! This module does not write records; the journal puts one at the head of each partition.

use prost::Message as _;
use talon_domain::fact::Kind;
use talon_domain::ids::{LedgerId, PartitionId};

use crate::check_payload;
use crate::fault::{Fault, Rule};
use crate::wire;

/// What a ledger was born with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genesis {
    /// The ledger's id, the same in all partitions.
    pub ledger_id: LedgerId,
    /// How many partitions it has: 64.
    pub partitions: u16,
    /// Which one this is.
    pub partition: PartitionId,
    /// The record format: 0 draft, 1 frozen.
    pub format: u8,
    /// The host name under which its signed history is known; may be empty.
    pub origin: Box<str>,
}

/// The payload of a genesis record.
pub fn encode_genesis(genesis: &Genesis) -> Vec<u8> {
    wire::Genesis {
        ledger_id: genesis.ledger_id.to_string(),
        partitions: genesis.partitions.into(),
        partition: genesis.partition.0.into(),
        format: genesis.format.into(),
        origin: genesis.origin.as_ref().to_owned(),
    }
    .encode_to_vec()
}

/// Reads the payload of a genesis record.
///
/// # Errors
/// A [`Fault`] if it is none.
pub fn decode_genesis(payload: &[u8]) -> Result<Genesis, Fault> {
    check_payload(Kind::GENESIS, 1, payload, &mut |_| true)?;
    let genesis = wire::Genesis::decode(payload).map_err(|_| Fault::new(Rule::Protobuf))?;
    let within = |number: u32| u16::try_from(number).map_err(|_| Fault::at(Rule::Range, "genesis"));
    Ok(Genesis {
        ledger_id: LedgerId::parse(&genesis.ledger_id).ok_or_else(|| Fault::at(Rule::Id, "ledgerId"))?,
        partitions: within(genesis.partitions)?,
        partition: PartitionId(within(genesis.partition)?),
        format: u8::try_from(genesis.format).map_err(|_| Fault::at(Rule::Range, "format"))?,
        origin: genesis.origin.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_genesis_reads_back() {
        let genesis = Genesis {
            ledger_id: LedgerId::parse("019ab9f4-d580-7aaa-8bbb-0102030405aa").expect("an id"),
            partitions: 64,
            partition: PartitionId(63),
            format: 0,
            origin: "ledger.example.org/talon".into(),
        };
        assert_eq!(decode_genesis(&encode_genesis(&genesis)), Ok(genesis));
        assert_eq!(decode_genesis(&[]).map_err(|fault| fault.path.to_string()), Err("genesis.ledgerId".to_owned()));
    }
}
