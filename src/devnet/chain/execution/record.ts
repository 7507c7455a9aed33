import type { ObjectId } from '../../../terms/object-id.ts'
import { objectDigest } from '../objects/object-bcs.ts'
import type { MoveObject, StoredObject } from '../objects/object.ts'
import { typeName } from '../move/types.ts'
import { eventsDigest } from './effects.ts'
import type { Effects, ObjectChange } from './effects.ts'
import type { Outcome } from './executor.ts'
import type { TransactionInputs } from './inputs.ts'
import type { ObjectWrite } from './settlement.ts'
import type { Transaction } from './transaction.ts'

/** What is stored of an outcome. */
export interface Recorded {
  readonly effects: Effects
  readonly written: readonly StoredObject[]
  readonly removed: readonly ObjectId[]
}

/** Gives the outcome of a transaction its versions and digests. */
export function record(
  transaction: Transaction,
  inputs: TransactionInputs,
  outcome: Outcome,
  epoch: bigint,
): Recorded {
  const written = outcome.settlement.writes.map((write) => store(write, transaction, outcome))
  const effects: Effects = {
    status: outcome.status,
    epoch,
    gas: outcome.bill.gas,
    transactionDigest: transaction.digest,
    gasObject: outcome.gasObject,
    eventsDigest: eventsDigest(outcome.events, transaction.data.sender as ObjectId),
    dependencies: dependenciesOf(inputs, outcome),
    lamportVersion: outcome.lamport,
    changes: changesOf(outcome, written),
    unchangedShared: readOnlyShared(inputs, outcome),
  }
  const removed = outcome.settlement.removals.map((removal) => removal.before.id)
  return { effects, written, removed }
}

function store(write: ObjectWrite, transaction: Transaction, outcome: Outcome): StoredObject {
  const { id, owner, data } = write
  const isPackage = 'package' in data
  const parts = {
    version: isPackage ? data.package.version : outcome.lamport,
    owner,
    previousTransaction: transaction.digest,
    storageRebate: outcome.bill.deposits.get(id) ?? 0n,
    data,
  }
  const digest = objectDigest(parts)
  const { version, previousTransaction, storageRebate } = parts
  const common = { id, version, digest, owner, previousTransaction, storageRebate }
  if (isPackage) return { ...common, kind: 'package', package: data.package }
  return { ...common, kind: 'object', type: typeName(data.type), contents: data.contents }
}

function changesOf(outcome: Outcome, written: readonly StoredObject[]): ObjectChange[] {
  const { writes, removals, created, deleted } = outcome.settlement
  const changes = new Map<ObjectId, ObjectChange>()
  const operation = (id: ObjectId): ObjectChange['idOperation'] =>
    created.has(id) ? 'Created' : deleted.has(id) ? 'Deleted' : 'None'
  writes.forEach(({ id, before }, i) =>
    changes.set(id, { id, before, after: written[i], idOperation: operation(id) }),
  )
  for (const { before } of removals)
    changes.set(before.id, {
      id: before.id,
      before,
      after: undefined,
      idOperation: operation(before.id),
    })
  for (const id of [...created, ...deleted])
    if (!changes.has(id))
      changes.set(id, { id, before: undefined, after: undefined, idOperation: operation(id) })
  return [...changes.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

function dependenciesOf({ gas, objects, receivable }: TransactionInputs, outcome: Outcome) {
  const digests = [...gas, ...objects].map((input) => input.object.previousTransaction)
  for (const object of receivable) digests.push(object.previousTransaction)
  return [...new Set([...digests, ...outcome.loaded])].sort()
}

function readOnlyShared({ objects }: TransactionInputs, outcome: Outcome): MoveObject[] {
  const written = new Set(outcome.settlement.writes.map((write) => write.id))
  return objects
    .map((input) => input.object)
    .filter((object) => object.owner.kind === 'shared' && !written.has(object.id))
}
