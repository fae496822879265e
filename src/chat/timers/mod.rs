//! Messages with a timer, and everything else that the passing of time triggers.

mod clock;
mod life;
mod ttl;
mod view;
mod wake;
