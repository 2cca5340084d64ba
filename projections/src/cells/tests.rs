//! The laws of sums that meet, on any cells, and bytes that are refused.

use proptest::prelude::*;

use super::*;

fn code() -> impl Strategy<Value = Code> {
    (0u32..6, 0u32..3).prop_map(|(name, meeting)| match meeting {
        0 => Code::sum(name),
        1 => Code::maximum(name),
        _ => Code::minimum(name),
    })
}

fn cells() -> impl Strategy<Value = Cells> {
    let number = prop_oneof![-3i128..4, any::<i64>().prop_map(i128::from)];
    proptest::collection::vec((code(), number), 0..8).prop_map(|cells| cells.into_iter().collect())
}

fn merged(one: &Cells, other: &Cells) -> Cells {
    let mut all = one.clone();
    all.merge(other);
    all
}

proptest! {
    #[test]
    fn merging_is_associative_and_commutative(a in cells(), b in cells(), c in cells()) {
        prop_assert_eq!(merged(&a, &b), merged(&b, &a));
        prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
        prop_assert_eq!(merged(&a, &Cells::new()), a);
    }

    #[test]
    fn what_is_taken_back_leaves_maxima_and_minima(a in cells()) {
        let left = merged(&a, &a.negated());
        prop_assert!(left.iter().all(|(code, number)| code.meeting() != Meeting::Sum && a.get(code) == Some(number)));
        prop_assert_eq!(left.len(), a.iter().filter(|(code, _)| code.meeting() != Meeting::Sum).count());
    }

    #[test]
    fn cells_as_bytes_meet_others_as_cells_do(a in cells(), b in cells()) {
        let mut all = a.clone();
        prop_assert_eq!(all.merge_encoded(&b.encode()), Ok(()));
        prop_assert_eq!(all, merged(&a, &b));
    }

    #[test]
    fn bytes_that_are_no_cells_meet_nothing_quietly(bytes in proptest::collection::vec(0u8..8, 0..10)) {
        prop_assert_eq!(Cells::new().merge_encoded(&bytes).is_ok(), Cells::decode(&bytes).is_ok());
    }

    #[test]
    fn cells_come_back_from_their_bytes(a in cells()) {
        prop_assert_eq!(Cells::decode(&a.encode()), Ok(a));
    }

    #[test]
    fn bytes_are_the_only_spelling_of_their_cells(bytes in proptest::collection::vec(0u8..8, 0..10)) {
        if let Ok(cells) = Cells::decode(&bytes) {
            prop_assert_eq!(cells.encode(), bytes);
        }
    }
}

#[test]
fn a_sum_of_nothing_is_not_there_and_a_maximum_of_nothing_is() {
    let mut cells = Cells::of(Code::sum(7), 5);
    cells.add(Code::maximum(7), 0);
    cells.add(Code::sum(7), -5);
    assert_eq!(cells.iter().collect::<Vec<_>>(), [(Code::maximum(7), 0)]);
    assert_eq!((cells.get(Code::sum(7)), cells.get(Code::maximum(7))), (None, Some(0)));
}

#[test]
fn bytes_that_were_never_written_are_refused() {
    let wide = [Code::sum(1), Code::maximum(1), Code::minimum(1)].map(|code| (code, i128::MIN));
    let bytes = wide.into_iter().collect::<Cells>().encode();
    assert_eq!(Cells::decode(&bytes).map(|cells| cells.len()), Ok(3));
    for cut in [1, 5, bytes.len() - 1] {
        assert_eq!(Cells::decode(&bytes[..cut]), Err(MalformedCells), "{cut}");
    }
    // A sum of 0; the same code twice; a code without a meaning; a code beyond 32 bits.
    for bytes in [&[1, 0][..], &[1, 2, 0, 2], &[0x80, 0x80, 0x80, 0x80, 0x0c, 2], &[0x80, 0x80, 0x80, 0x80, 0x10, 2]] {
        assert_eq!(Cells::decode(bytes), Err(MalformedCells), "{bytes:?}");
    }
}

#[test]
fn numbers_stop_at_the_ends() {
    let mut cells = Cells::of(Code::sum(0), i128::MAX);
    cells.add(Code::sum(0), 1);
    assert_eq!(cells.get(Code::sum(0)), Some(i128::MAX));
    assert_eq!(Cells::of(Code::sum(0), i128::MIN).negated().get(Code::sum(0)), Some(i128::MAX));
}
