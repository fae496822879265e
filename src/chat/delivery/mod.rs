//! Delivery: reports of the transport and the peer about our messages, retransmission, and resend requests.

mod acknowledge;
mod gaps;
mod repeat;
mod resend;
mod transport;
