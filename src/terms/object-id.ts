/** The id of an object on Sui (or an address): `0x` and 64 lower-case hex digits. */
export type ObjectId = string & { readonly __brand: 'ObjectId' }

/** Normalises any hex form, short ones too. Throws a RangeError that shows the bad value. */
export function parseObjectId(text: string): ObjectId {
  const match = /^(?:0x)?([0-9a-f]{1,64})$/i.exec(text.trim())
  if (!match?.[1]) throw new RangeError(`not a Sui object id: ${JSON.stringify(text)}`)
  return `0x${match[1].toLowerCase().padStart(64, '0')}` as ObjectId
}
