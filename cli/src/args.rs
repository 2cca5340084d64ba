//! The command line, and the help that teaches it.

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use talon_domain::anomaly::Language;

use crate::exit::{Exit, UsageError};
use crate::show::Screen;

mod as_of;
mod bench;
mod days;
mod export;
mod gate;
mod history;
mod keeping;
mod ledger;
mod lists;
mod morning;
mod moving;
mod payments;
mod receipt;
mod registry;
mod span;
mod statements;
mod views;
mod which;

pub(crate) use as_of::{AsOfArgs, Then};
pub(crate) use bench::BenchArgs;
pub(crate) use days::{DaysArgs, span, typed_day, typed_moment};
pub(crate) use export::{ExportArgs, ExportCommand};
pub(crate) use gate::{ConsumeArgs, DlqArgs, DlqCommand, LettersArgs, SourceArg};
pub(crate) use history::HistoryArgs;
pub(crate) use keeping::{AsideArgs, AsideCommand, LagArgs, Partitions, ProjectArgs};
pub(crate) use ledger::{
    BackupArgs, DemoArgs, DoctorArgs, DumpArgs, EraseArgs, Format, InitArgs, KeyArgs, KeyCommand, PublishArgs,
    RepairArgs, RestoreArgs, RootArgs, StatArgs, TailArgs, VerifyArgs,
};
pub(crate) use lists::{DueByArg, InstalmentsArgs, OwedByArg, OwedStatusArg, SettlementArgs};
pub(crate) use morning::{MorningArgs, MorningOf, NoteAdd, NoteCommand, NoteList, NoteStateArg};
pub(crate) use moving::{CopyArgs, TopicsArgs, TopicsCommand};
pub(crate) use payments::{AnomaliesArgs, DigestArgs, SeverityArg, StatusArg, TransactionArgs, TransactionsArgs};
pub(crate) use receipt::{ReceiptArgs, TicketArg, WidthArg};
pub(crate) use registry::{
    By, CalendarAdd, CalendarCommand, FeePlanAdd, ImportArgs, ListArgs, MerchantAdd, Register, RegistryCommand,
    ShopAdd, Statement, TerminalAdd, TerminalsArgs,
};
pub(crate) use span::Span;
pub(crate) use statements::{ImportCommand, StatementArgs};
pub(crate) use views::{ByArg, DayArgs, DiffArgs, ExplainArgs, FindArgs, OpenItemsArgs, RebuildArgs, WhereArgs};
pub(crate) use which::Common;

/// An event-sourced ledger for instalment payments taken on card terminals.
#[derive(Debug, Parser)]
#[command(
    name = "talon",
    version,
    about = "An event-sourced ledger for instalment payments taken on card terminals",
    after_help = "Start here:\n  talon demo                        a trading day, from events to tickets\n  \
                  talon init /srv/ledger            a new ledger, and its master key beside it\n  \
                  talon --ledger /srv/ledger publish day.jsonl\n\n\
                  Exit codes: 0 done, 2 usage (also a ledger or a file that is not there), 3 some items refused,\n\
                  4 damage found, 1 anything else; doctor: 0 OK, 1 WARNING, 2 CRITICAL.\nWith --output json every answer is \
                  JSON: docs/json.md."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// How lists are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Table,
    /// For scripts: one JSON document, or one JSON object a line where the list has no end.
    Json,
    /// For spreadsheets: the tables alone, of commands that answer with tables.
    Csv,
}

/// Languages of words for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// French.
    Fr,
    /// English.
    En,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a new ledger, and its master key beside it.
    #[command(after_help = "Example:\n  talon init /srv/ledger\n\n\
        Makes /srv/ledger and /srv/ledger.key. Whoever loses the key loses the phones, e-mails and names in the\n\
        ledger, and nothing else. `talon key recovery` prints a copy for the safe.")]
    Init(InitArgs),
    /// Append events from a file, or from standard input.
    #[command(after_help = "Examples:\n  talon --ledger /srv/ledger publish day.jsonl\n  \
        talon --ledger /srv/ledger publish --check day.jsonl\n\n\
        One JSON object a line (docs/events.md). What cannot be taken is named by line, code, place and advice; the\n\
        other lines are appended, and the command ends with 3. The same file again appends nothing.")]
    Publish(PublishArgs),
    /// List payments.
    #[command(after_help = "Examples:\n  talon --ledger /srv/ledger transactions --open\n  \
        talon --ledger /srv/ledger transactions --day 2026-11-24 --shop 17 --output json\n  \
        talon --ledger /srv/ledger transactions --as-of 2026-11-24T14:00\n  \
        talon --ledger /srv/ledger transactions --known-at 2026-11-30 --effective-at 2026-11-24\n\n\
        The answer as of then ends with its positions: typed as --as-of, they give the same answer for ever.")]
    Transactions(TransactionsArgs),
    /// Show one payment: its state, story, money and anomalies, in words.
    #[command(
        after_help = "Examples:\n  talon --ledger /srv/ledger transaction 019ab9f4-d500-7aaa-8bbb-0102030405bb\n  \
        talon --ledger /srv/ledger transaction 019ab9f4-d500-7aaa-8bbb-0102030405bb --as-of 2026-11-24"
    )]
    Transaction(TransactionArgs),
    /// Tell the story of one payment: each record in the order of the journal, who told it, and what it changed.
    #[command(after_help = "Examples:\n  talon --ledger /srv/ledger history 019ab9f4-d500-7aaa-8bbb-0102030405bb\n  \
        talon --ledger /srv/ledger --lang fr history 019ab9f4-d500-7aaa-8bbb-0102030405bb --as-of 2026-11-24\n\n\
        Told are also duplicates, conflicts, and what cannot be read: a record that changed nothing says why.")]
    History(HistoryArgs),
    /// List every rule that facts do not keep, also of shops, statements and whatever belongs to no payment.
    #[command(after_help = "Example:\n  talon --ledger /srv/ledger anomalies --errors\n\n\
        docs/anomalies.md tells what each code means, what clears it and what to do.")]
    Anomalies(AnomaliesArgs),
    /// Show what a merchant's shops and terminals took on a day, by provider.
    #[command(after_help = "Examples:\n  talon --ledger /srv/ledger day 732829320 2026-11-24\n  \
        talon --ledger /srv/ledger day 732829320 2026-11-24 --by terminal --shop 17\n  \
        talon --ledger /srv/ledger day 732829320 2026-11-24 --as-of 2026-11-24T14:00\n  \
        talon --ledger /srv/ledger day 732829320 --from 2026-11-01 --to 2026-11-30 --by day --output csv\n\n\
        What each column means: docs/views.md.")]
    Day(DayArgs),
    /// Show what providers owe a merchant for its sales, payment by payment and in sums, and what came of it.
    #[command(after_help = "Examples:\n  talon --ledger /srv/ledger settlement 732829320 2026-11-24\n  \
        talon --ledger /srv/ledger settlement 732829320 --from 2026-11-01 --to 2026-11-30 --status late,differs\n  \
        talon --ledger /srv/ledger settlement 732829320 --from 2026-11-01 --by day,shop --totals\n\n\
        A line of a provider's account fulfils a payment by an exact id alone. What each column means: docs/views.md.")]
    Settlement(SettlementArgs),
    /// Show what customers are to pay, by the day on which it falls due, and how far that came.
    #[command(
        after_help = "Examples:\n  talon --ledger /srv/ledger instalments --merchant 732829320 --from 2026-12-01\n  \
        talon --ledger /srv/ledger instalments --merchant 732829320 --by provider,shop\n  \
        talon --ledger /srv/ledger instalments --merchant 732829320 --late --at 2027-01-31\n\n\
        The provider carries what a customer does not pay: none of it is the merchant's money any more."
    )]
    Instalments(InstalmentsArgs),
    /// Show what is not finished, since when, and what stands behind it.
    #[command(after_help = "Examples:\n  talon --ledger /srv/ledger open-items\n  \
        talon --ledger /srv/ledger open-items --merchant 732829320 --shop 17 --at 2026-11-25T09:00 --causes\n\n\
        Ages are working days (bd) of the calendar. A twin is a payment of the same terminal, amount and group of phone\n\
        numbers that began within ten minutes: perhaps the same purchase. Nothing is ever merged.")]
    OpenItems(OpenItemsArgs),
    /// Make views anew from the journal, compare them with those that are kept, and switch if asked.
    #[command(after_help = "Examples:\n  talon --ledger /srv/ledger rebuild days --compare\n  \
        talon --ledger /srv/ledger rebuild all --switch\n\n\
        Ends with 4 if a kept view is not what the journal makes of it, and was not switched. Stop a running\n\
        `talon project` first: it keeps the views. To throw all away and begin anew: `talon project --anew`.")]
    Rebuild(RebuildArgs),
    /// Show what is not the same at two moments of the ledger, or in two ledgers, fact by fact.
    #[command(after_help = "Examples:\n  talon --ledger /srv/ledger diff 2026-11-24T14:00 now\n  \
        talon --ledger /srv/ledger diff 4:120,22:31 4:150,22:40\n  \
        talon --ledger /srv/ledger diff 2026-11-25 2026-12-02 --effective-at 2026-11-24\n  \
        talon --ledger /srv/ledger diff now /mnt/copy")]
    Diff(DiffArgs),
    /// Take a day's figure apart into the payments and the facts that make it, to the last cent.
    #[command(after_help = "Examples:\n  talon --ledger /srv/ledger explain 732829320 2026-11-24 refund_cash\n  \
        talon --ledger /srv/ledger explain 732829320 2026-11-24 sale --shop 17 --plan 3")]
    Explain(ExplainArgs),
    /// Find payments by what people know of them: a ticket, an id, a phone, or a place with a day and an amount.
    #[command(after_help = "Examples:\n  talon --ledger /srv/ledger find --ticket C1-3039\n  \
        talon --ledger /srv/ledger find --merchant 732829320 --day 2026-11-24 --shop 17 --terminal 417 --amount 209.34\n  \
        talon --ledger /srv/ledger find --merchant 732829320 --phone - < number.txt")]
    Find(FindArgs),
    /// Print a ticket of a payment, or a terminal's at the end of its day.
    #[command(after_help = "Examples:\n  \
        talon --ledger /srv/ledger receipt 019ab9f4-d500-7aaa-8bbb-0102030405bb --kind t2 --width 42\n  \
        talon --ledger /srv/ledger receipt 019ab9f4-d500-7aaa-8bbb-0102030405bb --kind t5 --refund R-77 --till\n  \
        talon --ledger /srv/ledger receipt 019ab9f4-d500-7aaa-8bbb-0102030405bb --kind t2 --copy 2\n  \
        talon --ledger /srv/ledger receipt --terminal 3 --day 2026-11-24\n  \
        talon --ledger /srv/ledger receipt 019ab9f4-d500-7aaa-8bbb-0102030405bb --kind t7 --as-of 2026-11-24T14:00\n\n\
        As of then it is the paper that would have been printed then.")]
    Receipt(ReceiptArgs),
    /// Show the journal's last records, and those that come.
    #[command(after_help = "Example:\n  talon --ledger /srv/ledger tail --follow --output json")]
    Tail(TailArgs),
    /// Check every checksum, order, summary and identity of the journal. Needs no key.
    #[command(after_help = "Examples:\n  talon --ledger /mnt/copy verify\n  \
        talon --ledger /srv/ledger verify --pin /media/usb/monday.json /media/usb/tuesday.json\n\n\
        Ends with 4 if anything is damaged, and names the file, the offset and the records; also if a pin does not hold,\n\
        and names the first such pin and its partition. A pin of another ledger, or no pin at all, ends it with 2.")]
    Verify(VerifyArgs),
    /// Compute the root of each partition: one hash over all its records, to be kept elsewhere. Needs no key.
    #[command(after_help = "Examples:\n  talon --ledger /srv/ledger root\n  \
        talon --ledger /srv/ledger root --out /media/usb/monday.json\n\n\
        Checksums find rot, and nobody who changes a record and mends the checksums: a pin does, if it is kept where\n\
        nobody who can write the ledger can write. `talon verify --pin FILE` holds the ledger against it.")]
    Root(RootArgs),
    /// Cut a damaged end off the journal. An explicit act: what is cut is copied beside the segment first.
    #[command(after_help = "Example:\n  talon --ledger /srv/ledger repair --cut-after 81233 --as op-7\n\n\
        Everything behind record 81233 (its number over all partitions, as `verify` and an error name it) is gone from\n\
        the journal, acknowledged or not. Restore a backup instead if you have one; publish again what is missing.")]
    Repair(RepairArgs),
    /// Copy the ledger beside whoever writes, verified: the journal and the vault, never the master key.
    #[command(after_help = "Examples:\n  talon --ledger /srv/ledger backup /mnt/backup/2026-11-24\n  \
        talon --ledger /srv/ledger backup /mnt/backup/2026-11-24.tar\n\n\
        Without its manifest a backup is unfinished; `talon restore` does not take it. docs/operations.md tells more.")]
    Backup(BackupArgs),
    /// Make a ledger of a backup, in a folder of its own, up to a record or a moment if need be.
    #[command(after_help = "Examples:\n  talon restore /mnt/backup/2026-11-24.tar --to /srv/restored --as op-7\n  \
        talon restore /mnt/backup/2026-11-24 --to /srv/restored --as op-7 --at 2026-11-24T18:30:00+01:00\n\n\
        The restored ledger answers with a higher incarnation: whoever publishes sends again what came after.")]
    Restore(RestoreArgs),
    /// Erase a payment's person: phone, e-mail and name can never be opened again. Amounts, hashes and proofs stay.
    #[command(
        after_help = "Example:\n  talon --ledger /srv/ledger erase 019ab9f4-d500-7aaa-8bbb-0102030405bb --as dpo-2 --reason \"art. 17\"\n\n\
        The ledger says so, then the keys are destroyed; no record changes. Backups of the vault that were made before\n\
        still hold the keys until they are thrown away: that is when the erasure is whole."
    )]
    Erase(EraseArgs),
    /// Carry the journal to another place, of either engine: the same bytes, positions and roots.
    #[command(
        after_help = "Examples:\n  talon copy --from /srv/ledger --to kafka://k1:9092,k2:9092/talon.journal.v1\n  \
        talon copy --from kafka://k1:9092 --to /mnt/second --follow\n\n\
        Goes on with what was copied before. It reads the source and locks nothing there; the vault is not copied:\n\
        `talon backup` carries it, and without it personal data stay closed."
    )]
    Copy(CopyArgs),
    /// Take events from a topic of Kafka that gateways publish to, and go on with what comes.
    #[command(
        after_help = "Examples:\n  talon --ledger /srv/talon consume --from kafka://k1:9092 --principal 7 \\\n    \
        --merchants 732829320,552100554 --sources gateway,terminal\n  \
        talon --ledger /srv/talon consume --config /etc/talon/consume.toml\n\n\
        What the topic may state is said here, and by no message. What cannot be taken is put into the topic of dead\n\
        letters, unchanged (`talon dlq`); what fails is tried again. With --until-end it ends when all is taken, and\n\
        with 3 if there were dead letters. docs/kafka.md tells more."
    )]
    Consume(ConsumeArgs),
    /// What could not be taken from a topic: list it, send it again, give it up.
    Dlq(DlqArgs),
    /// The topics of a ledger on Kafka.
    #[command(after_help = "Examples:\n  talon topics create kafka://k1:9092,k2:9092,k3:9092\n  \
        talon topics check kafka://k1:9092/talon.journal.v1\n\n\
        Ends with 4 if a topic could lose records, and names the setting; on one broker it warns.")]
    Topics(TopicsArgs),
    /// Tell what the ledger holds and takes: segments, records by kind, merchant and month, keys, space.
    #[command(after_help = "Example:\n  talon --ledger /srv/ledger stat --top 20\n\n\
        Numbers count records, not distinct facts: what was told twice counts twice. Closed segments are counted by their\n\
        summaries; only the segment in use, and one without a summary, is read.")]
    Stat(StatArgs),
    /// Say in one line whether the ledger is well, for a monitoring system.
    #[command(
        after_help = "Example:\n  talon --ledger /srv/ledger doctor --max-age 26h --backup /mnt/backup --max-backup-age 26h\n\n\
        Exit codes, other than those of the other commands: 0 OK, 1 WARNING, 2 CRITICAL, as monitoring plug-ins have\n\
        them, with performance data behind the bar. It opens the ledger and does not verify it: that is `talon verify`."
    )]
    Doctor(DoctorArgs),
    /// Print the state digest: equal for the same facts in any order, on any machine.
    #[command(after_help = "Examples:\n  talon --ledger /srv/ledger digest\n  \
        talon --ledger /srv/ledger digest --as-of 4:120,22:31\n  \
        talon --ledger /srv/ledger digest --views\n\n\
        Its `as_of.positions`, typed as --as-of a year later, gives the same digest. With --views it is read from the rows\n\
        that are kept, and as of the same positions it is the same however often they are made anew.")]
    Digest(DigestArgs),
    /// Write the events out, to be published elsewhere for the same digest.
    #[command(after_help = "Example:\n  talon --ledger /srv/ledger dump > events.jsonl\n\n\
        Personal data stays out, unless --open asks for it and the master key is at hand. A ledger that is made of a dump\n\
        without it gives the same digest, and can never be given the persons afterwards. Published into a ledger that\n\
        holds the persons, such a line is refused with 104, \"only its personal part differs\": then there is nothing to do.\n\
        Calendars are no publisher's and stay out: state them there with `talon calendar add`.")]
    Dump(DumpArgs),
    /// Play a trading day of a small chain, and show what the ledger makes of it.
    #[command(after_help = "Example:\n  talon demo --seed 7 --dir /tmp/day")]
    Demo(DemoArgs),
    /// Measure how fast this ledger is on this machine and this disk.
    #[command(
        after_help = "Examples:\n  talon bench --dir /srv/talon-bench\n  talon bench steps read --output json\n\n\
        Nanoseconds an event for each step, beside the figure it is held against (docs/performance.md). Figures of one\n\
        run can be compared with each other, those of two machines cannot; other work on the machine falsifies them."
    )]
    Bench(BenchArgs),
    /// The master key.
    Key(KeyArgs),
    /// Merchants: the companies that are paid.
    #[command(subcommand)]
    Merchant(Register<MerchantAdd>),
    /// Shops of merchants, by the chain's own codes.
    #[command(subcommand)]
    Shop(Register<ShopAdd>),
    /// Devices behind terminal numbers.
    #[command(subcommand)]
    Terminal(Register<TerminalAdd>),
    /// What providers take for plans, and when they pay.
    #[command(subcommand)]
    FeePlan(Register<FeePlanAdd>),
    /// Days on which something is closed.
    #[command(subcommand)]
    Calendar(CalendarCommand),
    /// A whole park in one file: merchants, shops, terminals, fee plans.
    #[command(subcommand)]
    Registry(RegistryCommand),
    /// Read a file of a provider: each row becomes a fact, or is refused by name.
    #[command(subcommand)]
    #[command(after_help = "Examples:\n  talon --ledger /srv/ledger import alma accounting.csv --preview\n  \
        talon --ledger /srv/ledger import alma balance.json --merchant 732829320\n\n\
        The same file again adds nothing, and what two files have in common is taken once. What cannot be read is named by\n\
        line, column and code; the other rows are taken, and the command ends with 3. docs/reconciliation.md tells more.")]
    Import(ImportCommand),
    /// Write the page and the workbook of a morning: what does not agree, whose turn it is, what to do first.
    #[command(after_help = "Examples:\n  talon --ledger /srv/ledger morning --out /srv/mornings\n  \
        talon --ledger /srv/ledger morning --group Cardamine --date 2026-11-24 --out . --lang en\n\n\
        Two files, morning-DATE.html and .xlsx: French unless --lang says otherwise, the same bytes for the same ledger and\n\
        moment. Of the last day on which a terminal worked, at eight o'clock of the next morning, unless it is said.")]
    Morning(MorningArgs),
    /// Notes on items of the morning's list: who looks after what.
    #[command(subcommand)]
    Note(NoteCommand),
    /// Take facts and figures out: for auditors, for accounting, for other programs.
    #[command(subcommand)]
    Export(ExportCommand),
    /// Show every terminal: eligibility, missing numbers with their owner, end-of-day totals beside the ledger's.
    #[command(after_help = "Examples:\n  talon --ledger /srv/ledger terminals\n  \
        talon --ledger /srv/ledger terminals --holes --at 2026-11-25 --output json\n\n\
        A missing number is refused (the door refused its event), voided (the terminal says so), late for a day after it\n\
        showed, and then unexplained: an event is lost.")]
    Terminals(TerminalsArgs),
    /// Keep the views of the ledger beside it, so that nobody who asks reads the whole journal.
    #[command(
        after_help = "Examples:\n  talon --ledger /srv/ledger project\n  talon --ledger /srv/ledger project --follow\n\n\
        Reads what came since it was last done. With --follow it goes on, and answers other commands over\n\
        /srv/ledger/views.sock. All of it lies in /srv/ledger/views and can be made anew at any time. Ends with 3 if\n\
        records are set aside: `talon aside list`."
    )]
    Project(ProjectArgs),
    /// Say how far the views that are kept are behind the journal, in records and in seconds.
    #[command(after_help = "Example:\n  talon --ledger /srv/replica lag --max 10s\n\n\
        Nothing is brought up to date for it: it is for whoever watches `talon project --follow`.")]
    Lag(LagArgs),
    /// Records that the views could not take in.
    Aside(AsideArgs),
}

impl Command {
    /// Whether it changes nothing. Who stops reading its answer half-way has seen enough; a command that writes tells
    /// by its end what became of it.
    pub(crate) const fn only_reads(&self) -> bool {
        match self {
            Self::Publish(args) => args.check,
            Self::Key(args) => matches!(args.command, KeyCommand::Recovery),
            Self::Root(args) => args.out.is_none(),
            Self::Topics(args) => matches!(args.command, TopicsCommand::Check(_)),
            Self::Dlq(args) => matches!(args.command, DlqCommand::List { .. } | DlqCommand::Show { .. }),
            Self::Copy(_)
            | Self::Consume(_)
            | Self::Erase(_)
            | Self::Init(_)
            | Self::Repair(_)
            | Self::Backup(_)
            | Self::Restore(_)
            | Self::Morning(_)
            | Self::Project(_) => false,
            Self::Aside(args) => !matches!(args.command, AsideCommand::Retry),
            Self::Merchant(command) => command.only_lists(),
            Self::Shop(command) => command.only_lists(),
            Self::Terminal(command) => command.only_lists(),
            Self::FeePlan(command) => command.only_lists(),
            Self::Calendar(command) => matches!(command, CalendarCommand::List),
            Self::Registry(RegistryCommand::Import(args)) => args.preview,
            Self::Import(command) => command.args().preview,
            Self::Note(command) => command.only_reads(),
            _ => true,
        }
    }
}

/// Answers a command line that is no command: with the help that it asks for, or with its mistake.
pub(crate) fn explain(answer: &clap::Error) -> ExitCode {
    let mut typed = std::env::args().skip_while(|word| word != "--output" && word != "--output=json");
    let wants_json =
        typed.next().is_some_and(|word| word == "--output=json" || typed.next().as_deref() == Some("json"));
    if !answer.use_stderr() {
        let _ = answer.print(); // who stops reading the help has seen enough
        return Exit::Done.into();
    }
    if wants_json {
        let words = answer.to_string();
        let mistake = words.trim_start_matches("error: ").lines().next().unwrap_or_default().to_owned();
        Screen::new(Output::Json, Language::English).complain(&UsageError(mistake).into(), Exit::Usage);
    } else {
        let _ = answer.print();
    }
    Exit::Usage.into()
}
