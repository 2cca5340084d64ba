//! Views, opened to be asked, and the foot of what they answer.
//!
//! Of now they are read from where they are kept: a running projector answers, or this process brings them up to date.
//! As of then they are made anew of the journal, in memory.

use std::cell::RefCell;
use std::rc::Rc;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use serde_json::Value;
use talon_consumers::{self as consumers, Budget, Event, Place, Setting, Source, asides, open_views};
use talon_domain::ids::{MerchantId, ShopId, StreamKey};
use talon_domain::state::State;
use talon_domain::time::{Day, Instant};
use talon_journal::{Journal, Positions, partition_of};
use talon_projections::projection::Projection;
use talon_projections::reading::Reading;
use talon_projections::registry::Registry;
use talon_projections::store::StoreError;
use talon_projections::streams::stream_of;
use talon_projections::views;
use talon_replay::{AsOfError, ProjectError, Projected, Scope, project, vector_text};

use crate::args::{AsOfArgs, Common, Partitions, Then};
use crate::command::project::words as happened;
use crate::exit::UsageError;
use crate::show::{Bar, Screen, as_of_foot, as_of_json};
use crate::{book, clock, ledger};

/// What a command that reads is called where somebody else wants the views.
const HOLDER: &str = "a talon command that reads the views";
/// For how long a running projector is given to catch up with what was durable when it was asked.
const PATIENCE: u32 = 20;
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// How often they are brought up to date again for whoever has to see what was written: some ten seconds.
const TRIES: u32 = 10;

/// Views as of now, or of then.
pub(crate) struct Views {
    kept: Kept,
    registry: Registry,
    positions: Positions,
    then: Then,
    /// Records that could not be folded: no answer counts them.
    aside: u64,
    /// What has to be said beside the answer.
    remarks: Vec<Remark>,
}

/// Where rows are.
enum Kept {
    /// Made anew.
    Made(Box<Projection>),
    /// Kept by a projector, or by this process.
    Stored(Box<consumers::Views<'static>>),
}

enum Remark {
    /// By how many records they are behind.
    Behind(u64),
    /// Why they were folded in memory.
    InMemory(String),
    /// They are made of these partitions alone.
    Share(Partitions),
    /// What happened while they were brought up to date.
    Happened(Event),
}

/// What happened, as it is heard.
type Heard = Rc<RefCell<Vec<Event>>>;

/// Opens the views of a ledger.
pub(crate) fn open(common: &Common, as_of: &AsOfArgs, merchant: Option<MerchantId>) -> anyhow::Result<Views> {
    let then = as_of.read()?;
    let dir = common.ledger()?;
    // Nothing is kept in a backup, which holds what its manifest says.
    if then.is_asked || ledger::is_backup(dir) {
        return made(common, then, merchant);
    }
    let share = book::share(dir)?;
    if let Some((share, merchant)) = share.as_ref().zip(merchant).filter(|(share, of)| !share.holds(partition_of(*of)))
    {
        let partition = partition_of(merchant);
        let refusal = format!("merchant {merchant} is in partition {partition}: these views are made of {share} alone");
        return Err(UsageError(refusal).into());
    }
    // A command opens one ledger, asks it, and ends: its journal is there as long as the process.
    let journal: &'static dyn Journal = Box::leak(Box::new(ledger::open_share(dir)?));
    let heard = Heard::default();
    let stored = caught_up(journal, &Place::of(dir), &heard)?;
    let stored = after(stored, as_of.after()?, journal, &Place::of(dir), &heard)?;
    let state = match stored.source() {
        Source::Memory { reason, .. } => Some(Remark::InMemory(reason.clone())),
        _ => Some(stored.lag().records).filter(|records| *records > 0).map(Remark::Behind),
    };
    let remarks = heard.take().into_iter().map(Remark::Happened).chain(state);
    let remarks = remarks.chain(share.map(Remark::Share)).collect();
    let (positions, registry) = (stored.positions().clone(), Registry::read(stored.reading()?)?);
    let aside = u64::try_from(asides(stored.reading()?)?.len()).unwrap_or(u64::MAX);
    Ok(Views { kept: Kept::Stored(Box::new(stored)), registry, positions, then, aside, remarks })
}

/// The views, up to what was durable when they were asked for, if a projector that runs gets there soon.
fn caught_up(journal: &'static dyn Journal, place: &Place, heard: &Heard) -> anyhow::Result<consumers::Views<'static>> {
    let wanted = journal.ends();
    let bar: Rc<RefCell<Option<Bar>>> = Rc::default();
    let (shown, heard) = (Rc::clone(&bar), Rc::clone(heard));
    let tell: &'static dyn Fn(Event) = Box::leak(Box::new(move |event| {
        if let Event::Progress { done, total } = event {
            shown.borrow_mut().get_or_insert_with(|| Bar::records(total, "catching up")).at(done, total);
        } else {
            heard.borrow_mut().push(event);
        }
    }));
    let setting =
        Setting { journal, views: views::ALL.to_vec(), budget: Budget::default(), clock: &clock::now, stop: &|| false };
    let is_there = |stored: &consumers::Views<'_>| {
        wanted.iter().all(|(partition, next)| stored.positions().next(partition) >= next)
    };
    let mut stored = open_views(place, HOLDER, &setting, tell)?;
    for _ in 0..PATIENCE {
        if is_there(&stored) {
            break;
        }
        drop(stored);
        sleep(LOOK_AGAIN);
        stored = open_views(place, HOLDER, &setting, tell)?;
    }
    bar.take().into_iter().for_each(Bar::finish);
    Ok(stored)
}

/// The same, if they hold what was before these positions; else it is waited for, and not for ever.
fn after(
    mut stored: consumers::Views<'static>,
    wanted: Option<Positions>,
    journal: &'static dyn Journal,
    place: &Place,
    heard: &Heard,
) -> anyhow::Result<consumers::Views<'static>> {
    let Some(wanted) = wanted else { return Ok(stored) };
    let missing = |stored: &consumers::Views<'_>| wanted.first_beyond(stored.positions());
    for _ in 0..TRIES {
        if missing(&stored).is_none() {
            return Ok(stored);
        }
        drop(stored);
        sleep(LOOK_AGAIN);
        stored = caught_up(journal, place, heard)?;
    }
    match missing(&stored) {
        None => Ok(stored),
        Some((partition, next)) => {
            Err(anyhow!("the views do not hold what is before {partition}:{next} yet: ask again"))
        }
    }
}

/// The same, made anew of the journal, with every stream at hand.
pub(crate) fn replayed(common: &Common, as_of: &AsOfArgs, merchant: Option<MerchantId>) -> anyhow::Result<Views> {
    made(common, as_of.read()?, merchant)
}

/// Views made of what a ledger knew then; of one merchant alone where that is enough.
fn made(common: &Common, then: Then, merchant: Option<MerchantId>) -> anyhow::Result<Views> {
    let journal = ledger::open_to_read(common.ledger()?)?;
    let bar = Bar::records(0, "folding");
    let scope = merchant.map_or(Scope::All, Scope::Merchant);
    let made = project(&journal, &then.as_of, scope, views::ALL.to_vec(), &mut |of| bar.at(of.done, of.total));
    bar.finish();
    let Projected { projection, positions } = made.map_err(explained)?;
    let registry = Registry::read(projection.tables())?;
    Ok(Views { kept: Kept::Made(Box::new(projection)), registry, positions, then, aside: 0, remarks: Vec::new() })
}

/// A vector that is further than the journal is a mistake of who typed it.
pub(crate) fn explained(error: ProjectError) -> anyhow::Error {
    match error {
        ProjectError::AsOf(AsOfError::Read(error)) => error.into(),
        ProjectError::AsOf(other) => UsageError(other.to_string()).into(),
        other => anyhow!(other).context("the views cannot be made"),
    }
}

impl Views {
    /// Which records they are made of, as it is typed after --as-of.
    pub(crate) fn vector(&self) -> String {
        vector_text(&self.positions)
    }

    /// Where rows are read.
    pub(crate) fn reading(&self) -> anyhow::Result<&dyn Reading> {
        match &self.kept {
            Kept::Made(projection) => Ok(projection.tables()),
            Kept::Stored(stored) => stored.reading().context("the views cannot be read"),
        }
    }

    /// The projection itself, of views that were made anew.
    pub(crate) fn projection(&self) -> anyhow::Result<&Projection> {
        match &self.kept {
            Kept::Made(projection) => Ok(projection),
            Kept::Stored(_) => Err(anyhow!("these views were not made anew")),
        }
    }

    /// What the facts of a payment come to, as these views have them; `reading` is theirs.
    pub(crate) fn state_of(&self, reading: &dyn Reading, key: StreamKey) -> Result<Option<State>, StoreError> {
        match &self.kept {
            Kept::Made(projection) => Ok(projection.fold().stream(key).map(|stream| stream.state(key))),
            Kept::Stored(_) => Ok(stream_of(reading, key)?.map(|stream| stream.state(key))),
        }
    }

    /// Which records they are made of.
    pub(crate) const fn positions(&self) -> &Positions {
        &self.positions
    }

    /// The same as a script reads it, with what was asked.
    pub(crate) fn as_of_json(&self) -> Value {
        as_of_json(&self.then.as_of, &self.positions)
    }

    /// How many records could not be folded, and are in no figure.
    pub(crate) const fn aside(&self) -> u64 {
        self.aside
    }

    /// Who and what there is.
    pub(crate) const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The moment at which what depends on one is asked.
    pub(crate) fn at(&self) -> Instant {
        self.then.now()
    }

    /// What a shop is called: as its registration labels it, else its number.
    pub(crate) fn shop_name(&self, merchant: MerchantId, shop: ShopId, day: Day) -> String {
        let stated = self.registry.shop_by_nic(merchant, shop, day);
        let label = stated.and_then(|stated| stated.what.label.as_deref());
        label.map_or_else(|| if shop.0 == 0 { "-".to_owned() } else { shop.to_string() }, str::to_owned)
    }

    /// An answer with what it is as of, by how much it is behind, and how many records are in no figure.
    pub(crate) fn with_foot(&self, mut answer: Value) -> Value {
        if let Value::Object(fields) = &mut answer {
            let behind = self.remarks.iter().find_map(|remark| match remark {
                Remark::Behind(records) => Some(*records),
                Remark::InMemory(_) | Remark::Happened(_) | Remark::Share(_) => None,
            });
            fields.insert("as_of".to_owned(), self.as_of_json());
            fields.insert("behind".to_owned(), behind.unwrap_or(0).into());
            fields.insert("aside".to_owned(), self.aside.into());
        }
        answer
    }

    /// What an answer is as of, if anybody asked, and what has to be said of it.
    pub(crate) fn foot(&self, screen: &mut Screen) -> std::io::Result<()> {
        as_of_foot(&self.then, &self.positions, screen)?;
        let remarks = self.remarks.iter().filter_map(|remark| remark.words(screen));
        for words in remarks.chain(aside_words(self.aside, screen)).collect::<Vec<_>>() {
            screen.remark(&words)?;
        }
        Ok(())
    }
}

impl Remark {
    fn words(&self, screen: &Screen) -> Option<String> {
        match self {
            Self::Happened(event) => happened(event, false, screen),
            Self::Behind(records) => {
                let records = screen.count(*records, ["enregistrement", "enregistrements"], ["record", "records"]);
                let words = screen.say("les vues sont en retard de", "the views are behind by");
                Some(format!("{words} {records}"))
            }
            Self::Share(partitions) => {
                let words =
                    screen.say("les vues ne sont faites que des partitions", "the views are made of partitions");
                Some(format!("{words} {partitions}{}", screen.say("", " alone")))
            }
            Self::InMemory(reason) => {
                let words = screen.say(
                    "les vues sont calculées en mémoire, pour cette réponse seulement",
                    "the views were folded in memory, for this answer alone",
                );
                Some(format!("{words}: {reason}"))
            }
        }
    }
}

/// Records that are set aside are in no view, and so in no figure.
fn aside_words(aside: u64, screen: &Screen) -> Option<String> {
    let french = [
        "enregistrement est mis de côté, hors de tout chiffre",
        "enregistrements sont mis de côté, hors de tout chiffre",
    ];
    let english = ["record is set aside, and in no figure", "records are set aside, and in no figure"];
    (aside > 0).then(|| format!("{}: talon aside list", screen.count(aside, french, english)))
}
