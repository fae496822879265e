// Numbers of the C interface and their names, both ways.

type Table = Readonly<Record<number, string>>;
type Name<Of extends Table> = Of[keyof Of] & string;

/** Returns the name of a number. */
export function nameOf<Of extends Table>(table: Of, code: number): Name<Of> {
  const name = table[code];
  if (name === undefined) throw new Error(`there is no name for ${code}`);
  return name as Name<Of>;
}

/** Returns the number of a name. */
export function codeOf<Of extends Table>(table: Of, name: Name<Of>): number {
  const code = Object.keys(table).find((code) => table[Number(code)] === name);
  if (code === undefined) throw new TypeError(`there is no ${name}`);
  return Number(code);
}
