//! Searches for the secrets of a story while it is played.

use key_traces::{Heap, Place, Trace, Watch};

use super::learning::Learned;
use super::lives::{Hold, Known, Life, PLAYED};
use super::old_peer::OldPeer;
use super::story::{Audience, Kind, Story};

/// What was found while a story was played.
pub(crate) struct Found {
    /// What should not be there.
    pub(crate) traces: Vec<String>,
    /// What is rightly in use between the calls of a life, and was never seen there in the life at whose end it goes: the
    /// search for it could not fail.
    pub(crate) unseen: Vec<String>,
}

/// Plays a story, and searches for its secrets after each call and at the end of each life.
pub(crate) fn search(heap: &'static Heap, kind: Kind, Learned { secrets, old_peer }: &Learned) -> Found {
    let mut searcher = Searcher { old_peer: old_peer.clone(), ..Searcher::new(heap, secrets) };
    let mut story = Story::new(kind, false);
    for life in PLAYED {
        story.play(life, &mut searcher);
        searcher.end(life);
    }
    let unseen = secrets.iter().zip(&searcher.seen).filter(|(known, seen)| match known.hold {
        Hold::OneCall => false,
        Hold::Until(last) => !seen.contains(&last),
    });
    let unseen = unseen.map(|(known, _)| format!("{kind:?}: {}, {:?}", known.name, known.hold)).collect();
    let traces = searcher.traces.iter().map(|trace| format!("{kind:?}, {trace}")).collect();
    Found { traces, unseen }
}

/// Looks for secrets where they should not be.
pub(crate) struct Searcher<'a> {
    heap: &'static Heap,
    watch: Watch,
    secrets: &'a [Known],
    /// The lives in which each secret was in use between calls.
    seen: Vec<Vec<Life>>,
    old_peer: Option<OldPeer>,
    pub(crate) traces: Vec<String>,
}

impl<'a> Searcher<'a> {
    pub(crate) fn new(heap: &'static Heap, secrets: &'a [Known]) -> Self {
        let watch = Watch::new(secrets.iter().map(|known| known.secret.clone()));
        Self { heap, watch, secrets, seen: vec![Vec::new(); secrets.len()], old_peer: None, traces: Vec::new() }
    }

    /// Looks around at the end of a life.
    pub(crate) fn end(&mut self, life: Life) {
        for trace in self.heap.in_use(&self.watch) {
            if !self.secrets[trace.secret].hold.outlasts(life) {
                self.report(&format!("after {life:?}"), trace);
            }
        }
    }

    fn report(&mut self, when: &str, Trace { secret, place, parts }: Trace) {
        self.traces.push(format!("{when}: {} in {place:?}: {parts} parts", self.secrets[secret].name));
    }
}

impl Audience for Searcher<'_> {
    fn chat(&mut self, name: &str, call: &mut dyn FnMut()) {
        for trace in self.watch.step(call) {
            self.report(name, trace);
        }
    }

    fn file(&mut self, name: &str, call: &mut dyn FnMut()) {
        for trace in self.watch.step(call) {
            // A reader is a value of the host, and its keys are where the host moved it.
            if trace.place != Place::Stack || name != "read a picture" {
                self.report(name, trace);
            }
        }
    }

    fn old_peer(&mut self, _public: &[u8]) -> OldPeer {
        self.old_peer.clone().unwrap()
    }

    fn rest(&mut self, life: Life) {
        for trace in self.heap.in_use(&self.watch) {
            if self.secrets[trace.secret].hold.lasts_in(life) {
                self.seen[trace.secret].push(life);
            } else {
                self.report(&format!("in {life:?}"), trace);
            }
        }
    }
}
