//! Delivery: what the transport and the peer say of our messages, what is sent again, what is asked for again.

mod acknowledge;
mod gaps;
mod repeat;
mod resend;
mod transport;
