import { bcs } from '@mysten/sui/bcs'
import type { ObjectId } from '../../../terms/object-id.ts'
import { ByteWriter } from '../move/byte-writer.ts'
import type { FailureStatus } from '../move/failure.ts'
import { writeStructTag } from '../move/type-tag.ts'
import { digestOf } from '../objects/object-bcs.ts'
import type { MoveObject, StoredObject } from '../objects/object.ts'
import { failureBcs, ownerBcs } from './effects-bcs.ts'
import type { EffectsV2 } from './effects-bcs.ts'
import type { GasSummary } from './gas.ts'
import type { EmittedEvent } from './object-runtime.ts'

/** What happened to one object. */
export interface ObjectChange {
  readonly id: ObjectId
  readonly before: MoveObject | undefined
  readonly after: StoredObject | undefined
  readonly idOperation: 'None' | 'Created' | 'Deleted'
}

export type EffectsStatus =
  | { readonly success: true }
  | {
      readonly success: false
      readonly failure: FailureStatus
      readonly message: string
      readonly command: number | undefined
    }

/** What a transaction did, as the chain records it (sui-types, `TransactionEffectsV2`). */
export interface Effects {
  readonly status: EffectsStatus
  readonly epoch: bigint
  readonly gas: GasSummary
  readonly transactionDigest: string
  readonly gasObject: ObjectId | undefined
  readonly eventsDigest: string | undefined
  readonly dependencies: readonly string[]
  readonly lamportVersion: bigint
  /** In the order of ids. */
  readonly changes: readonly ObjectChange[]
  /** Shared objects that were only read. */
  readonly unchangedShared: readonly MoveObject[]
}

/** BCS of the effects, of which clients parse what the full node's message leaves out. */
export function effectsBytes(effects: Effects): Uint8Array {
  const { status } = effects
  const gasIndex = effects.changes.findIndex((change) => change.id === effects.gasObject)
  return bcs.TransactionEffects.serialize({
    V2: {
      status: status.success
        ? { Success: true }
        : { Failure: { error: failureBcs(status.failure), command: status.command ?? null } },
      executedEpoch: effects.epoch,
      gasUsed: effects.gas,
      transactionDigest: effects.transactionDigest,
      gasObjectIndex: gasIndex < 0 ? null : gasIndex,
      eventsDigest: effects.eventsDigest ?? null,
      dependencies: [...effects.dependencies],
      lamportVersion: effects.lamportVersion,
      changedObjects: effects.changes.map((change) => [change.id, changeBcs(change)]),
      unchangedConsensusObjects: effects.unchangedShared.map((object) => [
        object.id,
        { ReadOnlyRoot: [object.version, object.digest] },
      ]),
      auxDataDigest: null,
    },
  }).toBytes()
}

type ChangeBcs =
  EffectsV2['changedObjects'] extends Iterable<readonly [unknown, infer C]> ? C : never

function changeBcs({ before, after, idOperation }: ObjectChange): ChangeBcs {
  return {
    inputState: before
      ? { Exist: [[before.version, before.digest], ownerBcs(before.owner)] }
      : { NotExist: true },
    outputState: outputBcs(after),
    idOperation: { [idOperation]: true } as ChangeBcs['idOperation'],
  }
}

function outputBcs(after: StoredObject | undefined): ChangeBcs['outputState'] {
  if (!after) return { NotExist: true }
  if (after.kind === 'package') return { PackageWrite: [after.version, after.digest] }
  return { ObjectWrite: [after.digest, ownerBcs(after.owner)] }
}

/** The digest of a transaction's events; undefined when there are none. */
export function eventsDigest(
  events: readonly EmittedEvent[],
  sender: ObjectId,
): string | undefined {
  if (events.length === 0) return undefined
  const writer = new ByteWriter()
  writer.count(events.length)
  for (const event of events) {
    writer.address(event.packageId)
    writer.text(event.module)
    writer.address(sender)
    writeStructTag(writer, event.type)
    writer.block(event.contents)
  }
  return digestOf('TransactionEvents', writer.finish())
}
