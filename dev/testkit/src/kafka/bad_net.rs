//! A bad network between a client and the brokers: it hands on, slowly, not at all, or breaks off in the middle of an answer.
//! Brokers send whoever comes by it to its ports, so that no byte goes around it.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::servers;

/// Where it listens for broker 0, and where that listens behind it; the others follow.
const AHEAD: u16 = 19_390;
const BEHIND: u16 = 19_290;
/// How long a wait lasts before it is looked again how the network is.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// One test at a time has the ports.
static PORTS: Mutex<()> = Mutex::new(());

/// How a network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// Everything is handed on.
    Fair,
    /// Each piece is handed on so many milliseconds later.
    Slow(u32),
    /// Nothing is handed on, and nobody is told.
    Silent,
    /// Connections break off, each after so many bytes of an answer.
    Cut(u32),
}

/// What the connections look at.
#[derive(Debug, Default)]
struct Sky {
    weather: AtomicU64,
    /// Nobody holds the network any more.
    is_over: AtomicBool,
}

/// The network, as long as it is held.
pub struct BadNet {
    sky: Arc<Sky>,
    addresses: Vec<String>,
    _ports: MutexGuard<'static, ()>,
}

impl Sky {
    fn set(&self, weather: Weather) {
        let (kind, number) = match weather {
            Weather::Fair => (0, 0),
            Weather::Slow(ms) => (1, ms),
            Weather::Silent => (2, 0),
            Weather::Cut(bytes) => (3, bytes),
        };
        self.weather.store(kind << 32 | u64::from(number), Ordering::Relaxed);
    }

    fn weather(&self) -> Weather {
        let held = self.weather.load(Ordering::Relaxed);
        let number = u32::try_from(held & u64::from(u32::MAX)).unwrap_or(0);
        match held >> 32 {
            0 => Weather::Fair,
            1 => Weather::Slow(number),
            2 => Weather::Silent,
            _ => Weather::Cut(number),
        }
    }
}

impl BadNet {
    /// Between whoever uses [`BadNet::servers`] and the brokers; `None` where there is no Kafka.
    ///
    /// # Panics
    /// When its ports are taken.
    pub fn begin() -> Option<Self> {
        let brokers = servers()?.split(',').count();
        let ports = PORTS.lock().unwrap_or_else(PoisonError::into_inner);
        let sky = Arc::<Sky>::default();
        let mut addresses = Vec::new();
        for node in (1..).take(brokers) {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, AHEAD + node)).expect("the port of a bad network");
            addresses.push(format!("127.0.0.1:{}", AHEAD + node));
            let sky = Arc::clone(&sky);
            thread::spawn(move || serve(&listener, BEHIND + node, &sky));
        }
        Some(Self { sky, addresses, _ports: ports })
    }

    /// The brokers, by this network.
    pub fn servers(&self) -> String {
        self.addresses.join(",")
    }

    /// From now on it is like this.
    pub fn is(&self, weather: Weather) {
        self.sky.set(weather);
    }
}

impl Drop for BadNet {
    /// The listeners are woken, and see that nobody holds the network any more.
    fn drop(&mut self) {
        self.sky.set(Weather::Fair);
        self.sky.is_over.store(true, Ordering::Relaxed);
        self.addresses.iter().for_each(|address| drop(TcpStream::connect(address)));
    }
}

fn serve(listener: &TcpListener, behind: u16, sky: &Arc<Sky>) {
    for client in listener.incoming() {
        if sky.is_over.load(Ordering::Relaxed) {
            return;
        }
        let Some((client, broker)) = client.ok().zip(TcpStream::connect((Ipv4Addr::LOCALHOST, behind)).ok()) else {
            continue;
        };
        for (from, to, is_answer) in [(&client, &broker, false), (&broker, &client, true)] {
            let Some((from, to)) = from.try_clone().ok().zip(to.try_clone().ok()) else { continue };
            let sky = Arc::clone(sky);
            thread::spawn(move || hand_on(from, to, is_answer, &sky));
        }
    }
}

/// Hands on what comes, until one side ends or the weather breaks the connection.
fn hand_on(mut from: TcpStream, mut to: TcpStream, is_answer: bool, sky: &Sky) {
    let (mut piece, mut handed_on) = ([0; 16 * 1024], 0u64);
    while let Ok(read) = from.read(&mut piece) {
        while sky.weather() == Weather::Silent {
            thread::sleep(LOOK_AGAIN);
        }
        if let Weather::Slow(ms) = sky.weather() {
            thread::sleep(Duration::from_millis(ms.into()));
        }
        let part = piece.get(..read).unwrap_or_default();
        let left = match sky.weather() {
            Weather::Cut(bytes) if is_answer => u64::from(bytes).saturating_sub(handed_on),
            _ => u64::MAX,
        };
        let whole = part.get(..usize::try_from(left).unwrap_or(usize::MAX)).unwrap_or(part);
        if read == 0 || to.write_all(whole).is_err() || whole.len() < part.len() {
            break;
        }
        handed_on += whole.len() as u64;
    }
    for end in [&from, &to] {
        let _ = end.shutdown(Shutdown::Both);
    }
}
