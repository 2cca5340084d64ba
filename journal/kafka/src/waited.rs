//! Waiting on a thread for what the client library answers as a future: a thread that has nothing else to do needs no
//! runtime for that.
//!
//! Invariant: it wakes when it is told to, and gives up when the time is over.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// How long one nap lasts.
const NAP: Duration = Duration::from_millis(50);

/// What a future comes to, or `None` if that takes longer than the patience there is.
pub(crate) fn now_or_never<F: Future>(future: F, patience: Duration) -> Option<F::Output> {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let naps = patience.as_millis() / NAP.as_millis();
    for _ in 0..=naps {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
        thread::park_timeout(NAP);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ready_is_told_and_what_never_is_is_given_up() {
        assert_eq!(now_or_never(std::future::ready(7), Duration::ZERO), Some(7));
        assert_eq!(now_or_never(std::future::pending::<u8>(), Duration::ZERO), None);
    }

    #[test]
    fn whoever_answers_from_another_thread_is_heard() {
        let (send, receive) = std::sync::mpsc::channel();
        let mut answered = false;
        let later = std::future::poll_fn(move |context| {
            if !std::mem::replace(&mut answered, true) {
                let (waker, send) = (context.waker().clone(), send.clone());
                thread::spawn(move || {
                    send.send(7).expect("somebody waits");
                    waker.wake();
                });
            }
            receive.try_recv().map_or(Poll::Pending, Poll::Ready)
        });
        assert_eq!(now_or_never(later, Duration::from_mins(1)), Some(7));
    }
}
