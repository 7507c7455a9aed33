import { keyIdBytes } from './drive-keys.ts'

/** A way to a drive's key. What it wraps the key with is its kind's business (`slot-kinds.ts`). */
export interface KeySlot {
  /** Hex, 16 digits. */
  readonly id: string
  /** Milliseconds since 1970. */
  readonly createdMs: number
  /** For people; at most 64 bytes. */
  readonly label: string
  readonly way: SlotWay
  /** The drive's key, sealed under a key that the way leads to: 60 bytes. */
  readonly sealedKey: Uint8Array
}

export type SlotWay =
  | { readonly kind: 'passphrase'; readonly salt: Uint8Array; readonly cost: ScryptCost }
  | { readonly kind: 'key-file' }
  | { readonly kind: 'recovery' }
  | {
      readonly kind: 'wallet'
      /** Ed25519 public keys: whom it is for, and who made it. */
      readonly recipient: Uint8Array
      readonly sender: Uint8Array
      /** X25519. */
      readonly ephemeral: Uint8Array
    }

/** N = 2^logN. */
export interface ScryptCost {
  readonly logN: number
  readonly r: number
  readonly p: number
}

/** A slot of a kind that this program does not know, as it is stored. */
export interface UnknownSlot {
  readonly id: string
  readonly way: { readonly kind: 'unknown'; readonly code: number }
  readonly bytes: Uint8Array
}

/** The slots of one drive. */
export interface SlotTable {
  /** Of the drive's key: hex, 32 digits. */
  readonly keyId: string
  readonly slots: readonly (KeySlot | UnknownSlot)[]
}

/** Bytes that are no table of key slots, or one that this program does not know. */
export class SlotFormatError extends Error {
  override readonly name = 'SlotFormatError'
}

/** As many bytes go into one argument of a transaction on Sui. */
export const maxTableBytes = 16_000
export const maxSlots = 64
export const maxLabelBytes = 64
export const slotSaltBytes = 32
export const sealedKeyBytes = 60
const slotIdBytes = 8
const publicKeyBytes = 32

const magic = Buffer.from('WFSSLOT\x01', 'latin1')
const headBytes = magic.length + keyIdBytes + 1
const codes = { passphrase: 1, 'key-file': 2, recovery: 3, wallet: 4 } as const

/** What scrypt may cost a reader: 1 GiB of memory at most. */
const maxLogN = 20
const maxRp = 16
const maxScryptBytes = 2 ** 30

/** The table as it is stored; README.md has it byte by byte. Throws RangeError for one that is too large. */
export function encodeSlots({ keyId, slots }: SlotTable): Uint8Array {
  if (slots.length > maxSlots) throw new RangeError(`a drive has at most ${maxSlots} key slots`)
  const parts: Uint8Array[] = [magic, Buffer.from(keyId, 'hex'), Buffer.of(slots.length)]
  for (const slot of slots) {
    const body = isKnown(slot)
      ? Buffer.concat([slotHead(slot), slot.sealedKey])
      : Buffer.from(slot.bytes)
    const length = Buffer.alloc(2)
    length.writeUInt16LE(body.length)
    parts.push(length, body)
  }
  const bytes = Buffer.concat(parts)
  if (bytes.length <= maxTableBytes) return bytes
  throw new RangeError(
    `the key slots take ${bytes.length} bytes, more than ${maxTableBytes}: remove one, or use shorter labels`,
  )
}

/** The inverse. Throws SlotFormatError. */
export function decodeSlots(bytes: Uint8Array): SlotTable {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes.length > maxTableBytes || bytes.length < headBytes) throw none('it has no such length')
  const known = magic.length - 1
  if (buffer.compare(magic, 0, known, 0, known) !== 0) throw none('it does not begin as one')
  if (buffer[known] !== magic[known]) {
    throw new SlotFormatError(
      `the drive's key slots have format ${buffer[known]}, this program knows ${magic[known]}: use a newer version`,
    )
  }
  const keyId = buffer.toString('hex', magic.length, magic.length + keyIdBytes)
  const count = buffer[headBytes - 1]!
  if (count > maxSlots) throw none(`${count} slots`)
  const slots: (KeySlot | UnknownSlot)[] = []
  let at = headBytes
  for (let i = 0; i < count; i++) {
    if (at + 2 > buffer.length) throw none('it is cut short')
    const length = buffer.readUInt16LE(at)
    if (at + 2 + length > buffer.length) throw none('it is cut short')
    slots.push(decodeSlot(buffer.subarray(at + 2, at + 2 + length)))
    at += 2 + length
  }
  if (at !== buffer.length) throw none('something follows it')
  if (new Set(slots.map(({ id }) => id)).size !== count) throw none('two slots have one id')
  return { keyId, slots }
}

export function isKnown(slot: KeySlot | UnknownSlot): slot is KeySlot {
  return slot.way.kind !== 'unknown'
}

/** A slot's bytes before its sealed key: what the sealed key is bound to. */
export function slotHead({ id, createdMs, label, way }: Omit<KeySlot, 'sealedKey'>): Buffer {
  const text = Buffer.from(label)
  if (text.length > maxLabelBytes) {
    throw new RangeError(`a key slot's label has at most ${maxLabelBytes} bytes`)
  }
  const head = Buffer.alloc(1 + slotIdBytes + 8 + 1)
  head[0] = codes[way.kind]
  head.write(id, 1, 'hex')
  head.writeBigUInt64LE(BigInt(createdMs), 1 + slotIdBytes)
  head[head.length - 1] = text.length
  return Buffer.concat([head, text, ...wayParts(way)])
}

function wayParts(way: SlotWay): Uint8Array[] {
  switch (way.kind) {
    case 'passphrase':
      return [Buffer.of(way.cost.logN, way.cost.r, way.cost.p), way.salt]
    case 'key-file':
    case 'recovery':
      return []
    case 'wallet':
      return [way.recipient, way.sender, way.ephemeral]
  }
}

function decodeSlot(bytes: Buffer): KeySlot | UnknownSlot {
  const input = new Input(bytes)
  const code = input.take(1)[0]!
  const id = input.take(slotIdBytes).toString('hex')
  const kind = Object.entries(codes).find(([, one]) => one === code)?.[0]
  if (kind === undefined) {
    return { id, way: { kind: 'unknown', code }, bytes: Uint8Array.from(bytes) }
  }
  const createdMs = Number(input.take(8).readBigUInt64LE())
  if (!Number.isSafeInteger(createdMs)) throw none('a slot of no time')
  const labelBytes = input.take(1)[0]!
  if (labelBytes > maxLabelBytes) throw none(`a label of ${labelBytes} bytes`)
  const raw = input.take(labelBytes)
  const label = raw.toString()
  if (!Buffer.from(label).equals(raw)) throw none('a label that is no UTF-8')
  const way = decodeWay(kind as SlotWay['kind'], input)
  const sealedKey = copied(input.take(sealedKeyBytes))
  input.end()
  return { id, createdMs, label, way, sealedKey }
}

function decodeWay(kind: SlotWay['kind'], input: Input): SlotWay {
  switch (kind) {
    case 'passphrase': {
      const [logN, r, p] = input.take(3)
      const cost = { logN: logN!, r: r!, p: p! }
      checkCost(cost)
      return { kind, cost, salt: copied(input.take(slotSaltBytes)) }
    }
    case 'key-file':
    case 'recovery':
      return { kind }
    case 'wallet': {
      const [recipient, sender] = [input.take(publicKeyBytes), input.take(publicKeyBytes)]
      const ephemeral = copied(input.take(publicKeyBytes))
      return { kind, recipient: copied(recipient), sender: copied(sender), ephemeral }
    }
  }
}

/** Throws SlotFormatError for a cost that asks for too much, or for next to nothing. */
function checkCost({ logN, r, p }: ScryptCost): void {
  const isFair = logN >= 10 && logN <= maxLogN && r >= 1 && p >= 1 && r * p <= maxRp
  if (!isFair || 128 * 2 ** logN * r > maxScryptBytes) {
    throw none(`a passphrase that costs 2^${logN}, ${r}, ${p}`)
  }
}

class Input {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  take(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#bytes.length) throw none('a slot is cut short')
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw none('a slot is too long')
  }
}

function copied(bytes: Buffer): Uint8Array {
  return Uint8Array.from(bytes)
}

function none(why: string): SlotFormatError {
  return new SlotFormatError(`what the chain has is no table of key slots: ${why}`)
}
