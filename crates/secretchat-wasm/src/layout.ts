// How the structs of the C interface are read and written, field by field.
import { STRUCTS, type Structs } from "./abi.js";

/** Where a field of a struct is, and how it is read and written. */
export interface Field {
  field: string;
  offset: number;
  shape: string;
  /** The struct that is inside, or that it points to. */
  what?: keyof Structs;
  /** The length of bytes that are inside. */
  length?: number;
  /** Where the length of a list is. */
  countOffset?: number;
}

const plans = new Map<keyof Structs, Field[]>();

/** Returns the fields of a struct, from what src/abi.ts says of them. */
export function planOf(name: keyof Structs): Field[] {
  let plan = plans.get(name);
  if (!plan) {
    const fields: readonly (readonly [string, number, string])[] = STRUCTS[name].fields;
    plan = fields.map(([field, offset, kind]) => {
      const [shape, what, count] = kind.split(":") as [string, string | undefined, string | undefined];
      if (shape === "bytes") return { field, offset, shape, ...(what !== undefined && { length: Number(what) }) };
      const countOffset = fields.find(([other]) => other === count)?.[1];
      return {
        field, offset, shape,
        ...(what !== undefined && { what: what as keyof Structs }), ...(countOffset !== undefined && { countOffset }),
      };
    });
    plans.set(name, plan);
  }
  return plan;
}
