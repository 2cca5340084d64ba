//! What terminals and registry do not agree upon, a sentence each; and numbers in words.

use talon_domain::anomaly::Language;
use talon_domain::ids::{MerchantId, TerminalEpoch, TerminalId};
use talon_projections::finding::{Finding, Place};
use talon_projections::terminals::Hole;

use crate::show::{Screen, Tone, wrapped};

/// How many holes of a terminal people are shown, as on its paper; JSON has all of them.
pub(super) const HOLES_SHOWN: usize = 20;

/// Rules that are not kept, a sentence each.
pub(super) fn tell(found: &[Finding], screen: &mut Screen) -> std::io::Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    screen.heading(screen.say("À regarder", "To look at"))?;
    let mut holes = Holes::default();
    for (at, finding) in found.iter().enumerate() {
        let of = hole_of(finding);
        holes.count(of);
        if of.is_some() && holes.so_far > HOLES_SHOWN {
            let is_last = found.get(at + 1).and_then(hole_of) != of;
            if let Some(more) = more(holes.so_far, screen.language).filter(|_| is_last) {
                screen.pieces(&[("      ", Tone::Plain), (&more, Tone::Plain)])?;
            }
            continue;
        }
        let code = finding.code.number().to_string();
        let place = place_words(finding, screen.language);
        let colon = screen.say(" :", ":");
        let words = format!("{code} {place}{colon} {}", finding.code.sentence(screen.language));
        for line in wrapped(&words, 2) {
            let tone = finding.code.severity().into();
            match line.trim_start().strip_prefix(&code).filter(|_| line.starts_with("  ") && !line.starts_with("    "))
            {
                Some(words) => screen.pieces(&[("  ", Tone::Plain), (&code, tone), (words, Tone::Plain)])?,
                None => screen.line(&line)?,
            }
        }
    }
    Ok(())
}

type Device = (MerchantId, TerminalId, TerminalEpoch);

/// The holes of one device that were met so far; findings stand device by device.
#[derive(Default)]
struct Holes {
    of: Option<Device>,
    so_far: usize,
}

impl Holes {
    fn count(&mut self, of: Option<Device>) {
        self.so_far = if of == self.of { self.so_far.saturating_add(1) } else { 1 };
        self.of = of;
    }
}

fn hole_of(finding: &Finding) -> Option<Device> {
    match finding.place {
        Place::Hole(terminal, epoch, _) => Some((finding.merchant, terminal, epoch)),
        _ => None,
    }
}

pub(super) fn place_words(finding: &Finding, language: Language) -> String {
    let merchant = finding.merchant;
    let terminal = |number: TerminalId| match language {
        Language::French => format!("{merchant} TPE {number}"),
        Language::English => format!("{merchant} terminal {number}"),
    };
    match &finding.place {
        Place::Merchant => merchant.to_string(),
        Place::Nic(nic, first, last) => format!("{merchant} NIC {:0>5}, {first} - {last}", nic.0),
        Place::ShopCode(code, number, epoch) => format!("{} e{epoch}, {code}", terminal(*number)),
        Place::Unassigned(number, epoch, first, last) => format!("{} e{epoch}, {first} - {last}", terminal(*number)),
        Place::Ineligible(number, epoch, why) => {
            let why = why.iter().map(|why| why.words(language)).collect::<Vec<_>>().join(", ");
            format!("{} e{epoch}, {why}", terminal(*number))
        }
        Place::Hole(number, epoch, hole) => format!("{} e{epoch}, {}", terminal(*number), hole_words(hole, language)),
        Place::Totals(number, total) => format!("{}, {} {}", terminal(*number), total.day, total.application),
    }
}

pub(super) fn hole_words(hole: &Hole, language: Language) -> String {
    let owner = hole.owner.words(language);
    if hole.first == hole.last {
        format!("{} {owner}", hole.first)
    } else {
        format!("{}-{} {owner}", hole.first, hole.last)
    }
}

/// What is said of the holes that are not shown.
pub(super) fn more(count: usize, language: Language) -> Option<String> {
    let more = count.checked_sub(HOLES_SHOWN).filter(|more| *more > 0)?;
    Some(match language {
        Language::French => format!("et {more} de plus"),
        Language::English => format!("and {more} more"),
    })
}
