//! Messages that say the same in other bytes.

/// A message with its fields in the opposite order, those of one number in theirs: the same message, in other bytes.
pub(crate) fn reordered(payload: &[u8]) -> Vec<u8> {
    let (mut fields, mut rest) = (Vec::<(u64, Vec<u8>)>::new(), payload);
    while !rest.is_empty() {
        let whole = rest;
        let Some(tag) = varint(&mut rest) else { return payload.to_vec() };
        let skipped = match tag & 7 {
            0 => varint(&mut rest).map(|_| ()),
            2 => varint(&mut rest).and_then(|length| rest.split_off(..usize::try_from(length).ok()?).map(|_| ())),
            _ => None,
        };
        if skipped.is_none() {
            return payload.to_vec();
        }
        fields.push((tag >> 3, whole[..whole.len() - rest.len()].to_vec()));
    }
    fields.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    fields.into_iter().flat_map(|(_, bytes)| bytes).collect()
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = *rest.split_off_first()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}
