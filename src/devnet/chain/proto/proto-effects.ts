import type { Effects, ObjectChange } from '../execution/effects.ts'
import { effectsBytes } from '../execution/effects.ts'
import { digestOf } from '../objects/object-bcs.ts'
import { G } from './grpc-types.ts'
import { protoFailure } from './proto-failure.ts'
import { protoOwner } from './proto-object.ts'

/** Effects with every field filled in. */
export function protoEffects(effects: Effects): G.TransactionEffects {
  const bytes = effectsBytes(effects)
  const changedObjects = effects.changes.map(protoChange)
  const gasObject = changedObjects.find((change) => change.objectId === effects.gasObject)
  const message: G.TransactionEffects = {
    bcs: { name: 'TransactionEffects', value: bytes },
    digest: digestOf('TransactionEffects', bytes),
    version: 2,
    status: protoStatus(effects),
    epoch: effects.epoch,
    gasUsed: { ...effects.gas },
    transactionDigest: effects.transactionDigest,
    dependencies: [...effects.dependencies],
    lamportVersion: effects.lamportVersion,
    changedObjects,
    unchangedConsensusObjects: effects.unchangedShared.map((object) => ({
      kind: G.UnchangedConsensusObject_UnchangedConsensusObjectKind.READ_ONLY_ROOT,
      objectId: object.id,
      version: object.version,
      digest: object.digest,
      objectType: object.type,
    })),
    unchangedLoadedRuntimeObjects: [],
  }
  if (gasObject) message.gasObject = gasObject
  if (effects.eventsDigest !== undefined) message.eventsDigest = effects.eventsDigest
  return message
}

function protoStatus({ status }: Effects): G.ExecutionStatus {
  if (status.success) return { success: true }
  return { success: false, error: protoFailure(status.failure, status.message, status.command) }
}

const operations = {
  None: G.ChangedObject_IdOperation.NONE,
  Created: G.ChangedObject_IdOperation.CREATED,
  Deleted: G.ChangedObject_IdOperation.DELETED,
}

function protoChange({ id, before, after, idOperation }: ObjectChange): G.ChangedObject {
  const inputs = G.ChangedObject_InputObjectState
  const outputs = G.ChangedObject_OutputObjectState
  const change: G.ChangedObject = {
    objectId: id,
    inputState: before ? inputs.EXISTS : inputs.DOES_NOT_EXIST,
    outputState: outputs.DOES_NOT_EXIST,
    idOperation: operations[idOperation],
  }
  if (before) {
    change.inputVersion = before.version
    change.inputDigest = before.digest
    change.inputOwner = protoOwner(before.owner)
    change.objectType = before.type
  }
  if (after) {
    change.outputState = after.kind === 'package' ? outputs.PACKAGE_WRITE : outputs.OBJECT_WRITE
    change.outputVersion = after.version
    change.outputDigest = after.digest
    change.outputOwner = protoOwner(after.owner)
    change.objectType = after.kind === 'package' ? 'package' : after.type
  }
  return change
}
