//! A second reader of segments, written from docs/format.md alone, as plainly as it goes: it shares no code with the
//! journal, and believes nothing that its checksum does not hold.

/// What a group begins with.
pub(crate) const GROUP_MAGIC: [u8; 4] = *b"TGRP";
/// Where the first group begins.
pub(crate) const GROUPS_AT: usize = 4096;

const SALT_AT: usize = 44;
const GROUP_HEADER: usize = 32;
const FRAME_HEADER: usize = 16;

/// A partition, a position, and the record there.
pub(crate) type Kept<'a> = (u16, u64, &'a [u8]);

/// A sound group.
pub(crate) struct Group<'a> {
    pub(crate) bytes: usize,
    pub(crate) first_lsn: u64,
    pub(crate) prev_crc: u32,
    pub(crate) crc: u32,
    pub(crate) records: Vec<Kept<'a>>,
}

/// A number of `len` bytes, little endian.
pub(crate) fn number(bytes: &[u8], at: usize, len: usize) -> Option<u64> {
    Some(bytes.get(at..at + len)?.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

fn number32(bytes: &[u8], at: usize) -> Option<u32> {
    u32::try_from(number(bytes, at, 4)?).ok()
}

fn size(bytes: &[u8], at: usize, len: usize) -> Option<usize> {
    usize::try_from(number(bytes, at, len)?).ok()
}

/// The CRC-32C of a salt and bytes.
pub(crate) fn salted(salt: u64, bytes: &[u8]) -> u32 {
    crc32c::crc32c(&[&salt.to_le_bytes(), bytes].concat())
}

/// A frame's header.
pub(crate) fn frame_header(salt: u64, partition: u16, position: u64, record: &[u8]) -> [u8; FRAME_HEADER] {
    let len = u16::try_from(record.len()).expect("a record's length");
    let (partition, position, len) = (partition.to_le_bytes(), position.to_le_bytes(), len.to_le_bytes());
    let crc = salted(salt, &[&partition[..], &position, &len, record].concat()).to_le_bytes();
    let header = [&len[..], &partition, &crc, &position].concat();
    header.try_into().expect("16 bytes")
}

/// The group at the start of `bytes`, if every checksum of it holds.
pub(crate) fn group(bytes: &[u8], salt: u64) -> Option<Group<'_>> {
    let header = bytes.get(..GROUP_HEADER)?;
    if header[..4] != GROUP_MAGIC || number32(header, 24)? != salted(salt, &header[..24]) {
        return None;
    }
    let length = size(header, 4, 4)?;
    let whole = bytes.get(..length)?;
    let (mut records, mut crcs, mut at) = (Vec::new(), header[..28].to_vec(), GROUP_HEADER);
    for _ in 0..number32(header, 16)? {
        let (partition, position) = (number(whole, at + 2, 2)?, number(whole, at + 8, 8)?);
        let record = whole.get(at + FRAME_HEADER..at + FRAME_HEADER + size(whole, at, 2)?)?;
        let partition = u16::try_from(partition).ok()?;
        if whole.get(at..at + FRAME_HEADER)? != frame_header(salt, partition, position, record) {
            return None;
        }
        crcs.extend_from_slice(&whole[at + 4..at + 8]);
        records.push((partition, position, record));
        at += FRAME_HEADER + record.len();
    }
    let crc = number32(header, 28)?;
    let sound = at == length && crc == salted(salt, &crcs);
    let (first_lsn, prev_crc) = (number(header, 8, 8)?, number32(header, 20)?);
    sound.then_some(Group { bytes: length, first_lsn, prev_crc, crc, records })
}

/// What a first segment holds: its records in the order of the log, and where its sound groups end.
pub(crate) struct Segment<'a> {
    pub(crate) records: Vec<Kept<'a>>,
    pub(crate) end: usize,
    pub(crate) last_crc: u32,
}

/// Reads the first segment of a log up to the first thing that is no sound group in its place.
pub(crate) fn segment(file: &[u8]) -> Segment<'_> {
    let salt = number(file, SALT_AT, 8).unwrap_or(0);
    let mut read = Segment { records: Vec::new(), end: GROUPS_AT, last_crc: 0 };
    let mut next = [0u64; 64];
    while let Some(group) = file.get(read.end..).and_then(|rest| group(rest, salt)) {
        let in_place = group.first_lsn == read.records.len() as u64 && group.prev_crc == read.last_crc;
        let takes_its_place = |(partition, position, record): &Kept<'_>| {
            let next = next.get_mut(usize::from(*partition));
            record.len() >= 104 && next.is_some_and(|next| std::mem::replace(next, *next + 1) == *position)
        };
        let fits = !group.records.is_empty() && group.bytes <= file.len() / 2;
        if !(in_place && fits && group.records.iter().all(takes_its_place)) {
            break;
        }
        read.end = (read.end + group.bytes).next_multiple_of(32);
        read.last_crc = group.crc;
        read.records.extend(group.records);
    }
    read
}

/// Which of a file's checksums and links are made right again, so that what was changed gets past them.
#[derive(Clone, Copy)]
pub(crate) struct Mended {
    pub(crate) header: bool,
    pub(crate) frames: bool,
    pub(crate) groups: bool,
    pub(crate) chain: bool,
}

/// Makes checksums right again, as far as the file can be walked.
pub(crate) fn mend(file: &mut [u8], what: Mended) {
    if what.header {
        put(file, GROUPS_AT - 4, crc32c::crc32c(&file[..GROUPS_AT - 4]));
    }
    let salt = number(file, SALT_AT, 8).unwrap_or(0);
    let (mut at, mut lsn, mut prev_crc) = (GROUPS_AT, 0u64, 0);
    while file.get(at..at + 4) == Some(&GROUP_MAGIC[..]) {
        let length = size(file, at + 4, 4).unwrap_or(0).clamp(GROUP_HEADER, file.len() - at);
        if what.chain {
            file[at + 8..at + 16].copy_from_slice(&lsn.to_le_bytes());
            put(file, at + 20, prev_crc);
        }
        lsn += mend_group(&mut file[at..at + length], salt, what);
        prev_crc = number32(file, at + 28).unwrap_or(0);
        at = (at + length).next_multiple_of(32);
    }
}

fn mend_group(group: &mut [u8], salt: u64, what: Mended) -> u64 {
    let count = number(group, 16, 4).unwrap_or(0);
    let (mut at, mut crcs) = (GROUP_HEADER, Vec::new());
    for _ in 0..count {
        let Some(len) = size(group, at, 2).filter(|len| at + FRAME_HEADER + len <= group.len()) else { break };
        let (partition, position) = (number(group, at + 2, 2).unwrap_or(0), number(group, at + 8, 8).unwrap_or(0));
        if what.frames {
            let record = &group[at + FRAME_HEADER..at + FRAME_HEADER + len];
            let header = frame_header(salt, u16::try_from(partition).expect("two bytes"), position, record);
            group[at..at + FRAME_HEADER].copy_from_slice(&header);
        }
        crcs.extend_from_slice(&group[at + 4..at + 8]);
        at += FRAME_HEADER + len;
    }
    if what.groups {
        put(group, 24, salted(salt, &group[..24]));
        put(group, 28, salted(salt, &[&group[..28], &crcs].concat()));
    }
    count
}

fn put(bytes: &mut [u8], at: usize, number: u32) {
    bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
}
