/**
 * One component of a path, held as a string of bytes: each character is one byte (0–255). Any byte but
 * `/` and NUL may stand in it, valid UTF-8 or not. V8 keeps such strings in one byte per character, and
 * their order by `<` is the order of their bytes.
 */
export type Name = string & { readonly __brand: 'Name' }

/** The longest name in bytes (Linux NAME_MAX). */
export const maxNameBytes = 255

/** The name whose bytes these are. The caller has checked them. */
export function nameFromBytes(bytes: Uint8Array): Name {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1') as Name
}

/** The name that a person types, as UTF-8. */
export function nameFromText(text: string): Name {
  return nameFromBytes(Buffer.from(text, 'utf8'))
}

/** The bytes of a name. */
export function nameBytes(name: Name): Uint8Array {
  return Buffer.from(name, 'latin1')
}

/** For people: decoded as UTF-8, with U+FFFD for what is not. */
export function nameToText(name: Name): string {
  return Buffer.from(name, 'latin1').toString('utf8')
}
