//! The `talon` command: engines are chosen, rooms wired and answers printed here, and nowhere else.
//!
//! Exit codes: 0 done, 2 usage, 3 some items refused, 4 damage found, 1 anything else; `doctor` has those of monitoring
//! plug-ins.
//!
//! This crate holds no rule: what a fact means is the domain's, what may enter is the door's.

mod args;
mod backup;
mod book;
mod clock;
mod command;
mod demo;
mod exit;
mod files;
mod incarnation;
mod keys;
mod ledger;
mod making;
mod morning;
mod park;
mod pins;
mod register;
mod room;
mod show;
mod stop;
mod views;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Arguments, Command};
use crate::exit::Exit;
use crate::show::Screen;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(mistake) => return args::explain(&mistake),
    };
    let mut screen = Screen::new(arguments.common.output, arguments.common.language());
    let result = run(&arguments, &mut screen);
    match result.and_then(|exit| screen.flush().map(|()| exit).map_err(Into::into)) {
        Ok(exit) => exit.into(),
        Err(error) if arguments.command.only_reads() && exit::is_closed_pipe(&error) => Exit::Done.into(),
        Err(error) => {
            let exit = exit::of_error(&error);
            screen.complain(&error, exit);
            exit.into()
        }
    }
}

fn run(arguments: &Arguments, screen: &mut Screen) -> anyhow::Result<Exit> {
    let common = &arguments.common;
    match &arguments.command {
        Command::Init(args) => command::init::run(args, common, screen),
        Command::Publish(args) if args.check => command::check::run(args, common, screen),
        Command::Publish(args) => command::publish::run(args, common, screen),
        Command::Transactions(args) => command::transactions::run(args, common, screen),
        Command::Anomalies(args) => command::anomalies::run(args, common, screen),
        Command::Transaction(args) => command::transaction::run(args, common, screen),
        Command::Day(args) => command::day::run(args, common, screen),
        Command::Settlement(args) => command::settlement::run(args, common, screen),
        Command::Instalments(args) => command::instalments::run(args, common, screen),
        Command::OpenItems(args) => command::open_items::run(args, common, screen),
        Command::Rebuild(args) => command::rebuild::run(args, common, screen),
        Command::Diff(args) => command::diff::run(args, common, screen),
        Command::Explain(args) => command::explain::run(args, common, screen),
        Command::Find(args) => command::find::run(args, common, screen),
        Command::History(args) => command::history::run(args, common, screen),
        Command::Receipt(args) => command::receipt::run(args, common, screen),
        Command::Tail(args) => command::tail::run(args, common, screen),
        Command::Verify(args) => command::verify::run(args, common, screen),
        Command::Copy(args) => command::copy::run(args, screen),
        Command::Consume(args) => command::consume::run(args, common, screen),
        Command::Dlq(args) => command::dlq::run(args, common, screen),
        Command::Topics(args) => command::topics::run(args, screen),
        Command::Erase(args) => command::erase::run(args, common, screen),
        Command::Root(args) => command::root::run(args, common, screen),
        Command::Repair(args) => command::repair::run(args, common, screen),
        Command::Backup(args) => command::backup::run(args, common, screen),
        Command::Restore(args) => command::restore::run(args, common, screen),
        Command::Stat(args) => command::stat::run(args, common, screen),
        Command::Doctor(args) => command::doctor::run(args, common, screen),
        Command::Digest(args) => command::digest::run(args, common, screen),
        Command::Dump(args) => command::dump::run(args, common, screen),
        Command::Demo(args) => command::demo::run(args, common, screen),
        Command::Bench(args) => command::bench::run(args, screen),
        Command::Key(args) => command::key::run(args, common, screen),
        Command::Merchant(command) => command::register::run(command, common, screen),
        Command::Shop(command) => command::register::run(command, common, screen),
        Command::Terminal(command) => command::register::run(command, common, screen),
        Command::FeePlan(command) => command::register::run(command, common, screen),
        Command::Calendar(command) => command::calendar::run(command, common, screen),
        Command::Registry(command) => command::registry::run(command, common, screen),
        Command::Morning(args) => command::morning::run(args, common, screen),
        Command::Note(command) => command::note::run(command, common, screen),
        Command::Export(command) => command::export::run(command, common, screen),
        Command::Import(command) => command::import::run(command, common, screen),
        Command::Terminals(args) => command::terminals::run(args, common, screen),
        Command::Project(args) => command::project::run(args, common, screen),
        Command::Lag(args) => command::lag::run(args, common, screen),
        Command::Aside(args) => command::aside::run(args, common, screen),
    }
}
