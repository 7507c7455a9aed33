import type { Effects, ObjectChange } from '../execution/effects.ts'
import type { EmittedEvent } from '../execution/object-runtime.ts'
import type { Transaction } from '../execution/transaction.ts'
import { typeName } from '../move/types.ts'
import type { StoredObject } from '../objects/object.ts'
import { coinValue, currencyOf } from '../objects/object.ts'
import type { G } from './grpc-types.ts'
import type { FieldMask } from './field-mask.ts'
import { protoEffects } from './proto-effects.ts'
import { protoTransaction } from './proto-transaction.ts'

export interface ExecutedParts {
  readonly transaction: Transaction
  readonly signatures: readonly Uint8Array[]
  readonly effects: Effects
  readonly events: readonly EmittedEvent[]
  /** Absent for a trial run. */
  readonly checkpoint: bigint | undefined
  readonly timestampMs: bigint
}

/** An executed transaction with every field filled in: what the log keeps. */
export function protoExecuted(parts: ExecutedParts): G.ExecutedTransaction {
  const { transaction, effects, checkpoint } = parts
  const message: G.ExecutedTransaction = {
    digest: transaction.digest,
    transaction: protoTransaction(transaction.data, transaction.digest, transaction.bytes),
    signatures: parts.signatures.map((value) => ({
      bcs: { name: 'UserSignatureBytes', value },
      signature: { oneofKind: undefined },
    })),
    effects: protoEffects(effects),
    balanceChanges: balanceChanges(effects.changes),
  }
  if (parts.events.length > 0) message.events = protoEvents(parts)
  if (checkpoint === undefined) return message
  message.checkpoint = checkpoint
  message.timestamp = protoTimestamp(parts.timestampMs)
  return message
}

export function protoTimestamp(ms: bigint): NonNullable<G.ExecutedTransaction['timestamp']> {
  return { seconds: ms / 1000n, nanos: Number(ms % 1000n) * 1_000_000 }
}

function protoEvents(parts: ExecutedParts): G.TransactionEvents {
  const { sender } = parts.transaction.data
  const message: G.TransactionEvents = {
    events: parts.events.map((event, eventIndex) => {
      const eventType = typeName(event.type)
      const described: G.Event = {
        packageId: event.packageId,
        module: event.module,
        sender,
        eventType,
        contents: { name: eventType, value: event.contents },
        transactionDigest: parts.transaction.digest,
        eventIndex,
      }
      if (parts.checkpoint !== undefined) described.checkpoint = parts.checkpoint
      return described
    }),
  }
  if (parts.effects.eventsDigest !== undefined) message.digest = parts.effects.eventsDigest
  return message
}

/** What each address gained or lost of each currency. */
function balanceChanges(changes: readonly ObjectChange[]): G.BalanceChange[] {
  const sums = new Map<string, bigint>()
  const add = (object: StoredObject | undefined, sign: bigint): void => {
    if (object?.kind !== 'object' || object.owner.kind !== 'address') return
    const currency = currencyOf(object.type)
    if (currency === undefined) return
    const key = `${object.owner.address} ${currency}`
    sums.set(key, (sums.get(key) ?? 0n) + sign * coinValue(object))
  }
  for (const { before, after } of changes) {
    add(before, -1n)
    add(after, 1n)
  }
  return [...sums]
    .filter(([, amount]) => amount !== 0n)
    .map(([key, amount]) => {
      const [address, coinType] = key.split(' ') as [string, string]
      return { address, coinType, amount: String(amount) }
    })
}

/** The parts of an executed transaction that a mask asks for. */
export function maskExecuted(full: G.ExecutedTransaction, mask: FieldMask): G.ExecutedTransaction {
  const masked: G.ExecutedTransaction = {
    signatures: mask.has('signatures') ? full.signatures : [],
    balanceChanges: mask.has('balance_changes') ? full.balanceChanges : [],
  }
  if (mask.has('digest')) Object.assign(masked, pick(full, 'digest'))
  if (mask.has('transaction'))
    masked.transaction = maskTransaction(full.transaction!, mask.within('transaction'))
  if (mask.has('effects')) masked.effects = maskEffects(full.effects!, mask.within('effects'))
  if (mask.has('events')) Object.assign(masked, pick(full, 'events'))
  if (mask.has('checkpoint')) Object.assign(masked, pick(full, 'checkpoint'))
  if (mask.has('timestamp')) Object.assign(masked, pick(full, 'timestamp'))
  return masked
}

/** A field, if it is there. */
function pick<T, K extends keyof T>(from: T, field: K): Partial<T> {
  return from[field] === undefined ? {} : ({ [field]: from[field] } as unknown as Partial<T>)
}

function maskTransaction(full: G.Transaction, mask: FieldMask): G.Transaction {
  const masked = { ...full }
  if (!mask.has('bcs')) delete masked.bcs
  if (!mask.has('kind')) delete masked.kind
  return masked
}

function maskEffects(full: G.TransactionEffects, mask: FieldMask): G.TransactionEffects {
  const masked = { ...full }
  if (!mask.has('bcs')) delete masked.bcs
  if (!mask.has('changed_objects')) masked.changedObjects = []
  return masked
}
