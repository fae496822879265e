//! Statements that are all sent before the first answer comes.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use tokio_postgres::Error;

/// A statement: it is sent when it is first polled, and done when it was answered.
pub(crate) type Step<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>>;

/// How a pipeline ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// Each statement was done.
    Well,
    /// This statement failed, so the server failed those behind it, too.
    At(usize, Error),
    /// This statement was not sent, and none behind it. The transaction is still open.
    Short(Error),
}

/// Sends the statements in order and waits for all answers.
pub(crate) async fn run(mut steps: Vec<Step<'_>>) -> Ended {
    let mut next = 0;
    let mut sent = false;
    let mut failed = None;
    poll_fn(move |context| {
        if !sent {
            sent = true;
            for step in &mut steps {
                // A statement that cannot be sent is ready at once. What follows, such as the commit, must not go without it.
                match step.as_mut().poll(context) {
                    Poll::Ready(Err(error)) => return Poll::Ready(Ended::Short(error)),
                    // An answer that was faster than this loop: it is remembered by what stands in its place.
                    Poll::Ready(Ok(())) => *step = Box::pin(async { Ok(()) }),
                    Poll::Pending => {}
                }
            }
        }
        // Answers come in order, and the task is woken for each.
        while let Some(step) = steps.get_mut(next) {
            match step.as_mut().poll(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) => {}
                // The answers behind it are waited for: then the server is done with all of it.
                Poll::Ready(Err(error)) => failed = failed.take().or(Some((next, error))),
            }
            next += 1;
        }
        Poll::Ready(match failed.take() {
            Some((at, error)) => Ended::At(at, error),
            None => Ended::Well,
        })
    })
    .await
}
