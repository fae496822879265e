// What a notification may show of a message that has not been handled yet.
import { Notification, Peek, type NotificationName, type PeekName, type ScPreview } from "./abi.js";
import { type Entity, type Position, readEntity, readPosition } from "./message.js";
import { nameOf } from "./names.js";

export type Preview =
  | { kind: Exclude<PeekName, "message"> }
  | {
      kind: "message";
      id: bigint;
      position: Position;
      /** The most that a notification shows. */
      most: NotificationName;
      /** An earlier message has not come yet. */
      isEarly: boolean;
      isSilent: boolean;
      /** Left out if the message may not be shown. `media` is the name of the kind of medium. */
      content?: { text: string; entities: Entity[]; media?: string };
    };

const decoder = new TextDecoder();

export function readPreview(raw: ScPreview): Preview {
  const kind = nameOf(Peek, raw.kind);
  if (kind !== "message") return { kind };
  const content = raw.hasContent && {
    content: {
      text: decoder.decode(raw.text ?? new Uint8Array()),
      entities: raw.entities.map(readEntity),
      ...(raw.media && { media: decoder.decode(raw.media) }),
    },
  };
  return {
    kind, id: raw.randomId, position: readPosition(raw.position), most: nameOf(Notification, raw.most),
    isEarly: raw.isEarly, isSilent: raw.isSilent, ...content,
  };
}
