//! Names of payments: each is the beginning of its keys, and of nobody else's.

use talon_domain::ids::{MerchantId, ShopId, StreamId, StreamKey, TerminalId};
use talon_domain::money::Currency;
use talon_domain::time::{Day, Instant};

use super::row::{Name, named, twin};
use crate::key::Key;

const PAYMENT: StreamKey =
    StreamKey { merchant: MerchantId(732_829_320), stream: StreamId([0xff; 16]), training: false };

fn key_of(name: &Name) -> Key {
    let mut key = Key::new();
    name.write(&mut key);
    key.stream_key(PAYMENT);
    key
}

fn prefix_of(name: &Name) -> Key {
    let mut key = Key::new();
    name.write(&mut key);
    key
}

#[test]
fn a_key_ends_with_the_payment_that_it_names() {
    let merchant = PAYMENT.merchant;
    let amount = Some((Currency::EUR, 20_934));
    for name in [
        Name::Ticket("C1-3039".into()),
        Name::PaymentId(String::new()),
        Name::RefundId("r1".into()),
        Name::PhoneBucket(merchant, 7),
        Name::Place(merchant, Day(20_781), Some(ShopId(17)), Some(TerminalId(417)), amount),
        Name::Place(merchant, Day(20_781), Some(ShopId(17)), Some(TerminalId(417)), None),
    ] {
        assert_eq!(named(key_of(&name).as_bytes()), Some(PAYMENT), "{name:?}");
    }
    let name = Name::Twin(merchant, TerminalId(417), Currency::EUR, 20_934, 7);
    let mut key = prefix_of(&name);
    key.instant(Instant(-3)).stream(PAYMENT.stream, PAYMENT.training);
    assert_eq!(twin(key.as_bytes(), merchant), Some((Instant(-3), PAYMENT)));
    assert_eq!((named(&[1]), twin(&[1], merchant)), (None, None));
}

#[test]
fn one_name_is_not_found_under_the_beginning_of_another() {
    for (asked, other) in [("C1", "C1-3039"), ("", "C1"), ("a", "a\0b")] {
        let (asked, other) = (prefix_of(&Name::Ticket(asked.into())), key_of(&Name::Ticket(other.into())));
        assert!(!other.as_bytes().starts_with(asked.as_bytes()));
    }
    let place = |shop, terminal| Name::Place(PAYMENT.merchant, Day(20_781), shop, terminal, None);
    let whole = key_of(&place(Some(ShopId(17)), Some(TerminalId(417))));
    for wider in [place(None, None), place(Some(ShopId(17)), None), place(Some(ShopId(17)), Some(TerminalId(417)))] {
        assert!(whole.as_bytes().starts_with(prefix_of(&wider).as_bytes()), "{wider:?}");
    }
    assert!(!whole.as_bytes().starts_with(prefix_of(&place(Some(ShopId(18)), None)).as_bytes()));
}
