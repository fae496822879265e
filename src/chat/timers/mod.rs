//! Messages with a timer, and whatever else time alone brings about.

mod clock;
mod life;
mod ttl;
mod view;
mod wake;
