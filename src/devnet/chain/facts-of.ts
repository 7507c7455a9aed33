import { parseObjectId } from '../../terms/object-id.ts'
import type { Effects } from './execution/effects.ts'
import type { EmittedEvent } from './execution/object-runtime.ts'
import type { Transaction } from './execution/transaction.ts'
import type { TransactionFacts } from './ledger/facts.ts'
import { typeName } from './move/types.ts'
import type { StoredObject } from './objects/object.ts'

/** What filters will ask of a transaction. */
export function factsOf(
  { data, program }: Transaction,
  effects: Effects,
  events: readonly EmittedEvent[],
): TransactionFacts {
  const addresses = effects.changes.flatMap(({ before, after }) => [owner(before), owner(after)])
  return {
    sender: data.sender,
    version: Number(effects.lamportVersion),
    objects: effects.changes.map((change) => change.id),
    addresses: [...new Set(addresses.filter((address) => address !== undefined))],
    calls: program.commands.flatMap(({ MoveCall: call }) =>
      call ? [`${parseObjectId(call.package)}::${call.module}::${call.function}`] : [],
    ),
    events: events.map((event) => ({
      type: typeName(event.type),
      module: `${event.packageId}::${event.module}`,
    })),
    publishes: effects.changes.some((change) => change.after?.kind === 'package'),
  }
}

function owner(object: StoredObject | undefined): string | undefined {
  return object?.owner.kind === 'address' ? object.owner.address : undefined
}
