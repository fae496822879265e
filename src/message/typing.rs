//! The current activity of the peer.

use crate::types::names::names;
use crate::wire::SendMessageAction;

/// The current activity of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TypingAction {
    /// Nothing any more.
    Cancel,
    /// Typing a text.
    Typing,
    /// Recording a video.
    RecordVideo,
    /// Sending a video.
    UploadVideo,
    /// Recording a voice note.
    RecordAudio,
    /// Sending a voice note.
    UploadAudio,
    /// Sending a photo.
    UploadPhoto,
    /// Sending a document.
    UploadDocument,
    /// Choosing a place.
    GeoLocation,
    /// Choosing a contact.
    ChooseContact,
    /// Recording a round video.
    RecordRound,
    /// Sending a round video.
    UploadRound,
}

names! {
    enum TypingAction {
        1 "cancel" Cancel,
        2 "typing" Typing,
        3 "record_video" RecordVideo,
        4 "upload_video" UploadVideo,
        5 "record_audio" RecordAudio,
        6 "upload_audio" UploadAudio,
        7 "upload_photo" UploadPhoto,
        8 "upload_document" UploadDocument,
        9 "geo_location" GeoLocation,
        10 "choose_contact" ChooseContact,
        11 "record_round" RecordRound,
        12 "upload_round" UploadRound,
    }
}

/// Writes the action.
pub(crate) fn typing_action(action: TypingAction) -> SendMessageAction {
    match action {
        TypingAction::Cancel => SendMessageAction::Cancel,
        TypingAction::Typing => SendMessageAction::Typing,
        TypingAction::RecordVideo => SendMessageAction::RecordVideo,
        TypingAction::UploadVideo => SendMessageAction::UploadVideo,
        TypingAction::RecordAudio => SendMessageAction::RecordAudio,
        TypingAction::UploadAudio => SendMessageAction::UploadAudio,
        TypingAction::UploadPhoto => SendMessageAction::UploadPhoto,
        TypingAction::UploadDocument => SendMessageAction::UploadDocument,
        TypingAction::GeoLocation => SendMessageAction::GeoLocation,
        TypingAction::ChooseContact => SendMessageAction::ChooseContact,
        TypingAction::RecordRound => SendMessageAction::RecordRound,
        TypingAction::UploadRound => SendMessageAction::UploadRound,
    }
}

/// Reads an action.
pub(crate) fn read_typing(action: SendMessageAction) -> TypingAction {
    match action {
        SendMessageAction::Cancel => TypingAction::Cancel,
        SendMessageAction::Typing => TypingAction::Typing,
        SendMessageAction::RecordVideo => TypingAction::RecordVideo,
        SendMessageAction::UploadVideo => TypingAction::UploadVideo,
        SendMessageAction::RecordAudio => TypingAction::RecordAudio,
        SendMessageAction::UploadAudio => TypingAction::UploadAudio,
        SendMessageAction::UploadPhoto => TypingAction::UploadPhoto,
        SendMessageAction::UploadDocument => TypingAction::UploadDocument,
        SendMessageAction::GeoLocation => TypingAction::GeoLocation,
        SendMessageAction::ChooseContact => TypingAction::ChooseContact,
        SendMessageAction::RecordRound => TypingAction::RecordRound,
        SendMessageAction::UploadRound => TypingAction::UploadRound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_action_is_read_as_it_is_written() {
        let all = [
            TypingAction::Cancel,
            TypingAction::Typing,
            TypingAction::RecordVideo,
            TypingAction::UploadVideo,
            TypingAction::RecordAudio,
            TypingAction::UploadAudio,
            TypingAction::UploadPhoto,
            TypingAction::UploadDocument,
            TypingAction::GeoLocation,
            TypingAction::ChooseContact,
            TypingAction::RecordRound,
            TypingAction::UploadRound,
        ];
        for action in all {
            assert_eq!(read_typing(typing_action(action)), action);
        }
    }
}
