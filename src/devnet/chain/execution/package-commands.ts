import { fromBase64 } from '@mysten/sui/utils'
import { parseObjectId } from '../../../terms/object-id.ts'
import type { ObjectId } from '../../../terms/object-id.ts'
import { blake2b256 } from '../blake2b.ts'
import { ExecutionFailure } from '../move/failure.ts'
import type { UpgradeProblem } from '../move/failure.ts'
import type { LinkedPackage } from '../move/linker.ts'
import { Struct } from '../move/values.ts'
import type { MoveType } from '../move/types.ts'
import type { Value } from '../move/values.ts'
import { bytesOf } from '../natives/native-set.ts'
import { contextReference } from './move-call.ts'
import { checkCompatible } from './package-compatibility.ts'
import { buildPackage } from './package-builder.ts'
import { ArgumentUses } from './program-values.ts'
import type { Program, ResultValue } from './program.ts'
import type { Command } from './transaction.ts'

type Publish = NonNullable<Command['Publish']>
type Upgrade = NonNullable<Command['Upgrade']>

const packageModule = `0x${'2'.padStart(64, '0')}::package`
/** Any upgrade that old callers do not notice. */
const compatiblePolicy = 0n

/** Stores a new package, runs its initializers and gives its UpgradeCap. */
export function publish(program: Program, { modules, dependencies }: Publish): ResultValue[] {
  const { runtime, types } = program.context
  const bytes = modules.map(fromBase64)
  const stored = buildPackage(program.context, {
    id: runtime.freshAddress(),
    modules: bytes,
    dependencies: dependencies.map(parseObjectId),
    previous: undefined,
  })
  initialize(program, program.context.linker.stage(stored))
  program.context.publish(stored)
  const cap = new Struct([uid(runtime.freshId()), idStruct(stored.id), 1n, compatiblePolicy])
  return [{ type: types.resolve(`${packageModule}::UpgradeCap`), cell: [cap] }]
}

/** Stores a new version of a package for the ticket that allows it. */
export function upgrade(program: Program, command: Upgrade): ResultValue[] {
  const { context } = program
  const { runtime, types, linker } = context
  const ticketType = types.resolve(`${packageModule}::UpgradeTicket`)
  const ticket = takeTicket(program, command, ticketType)
  const packageId = parseObjectId(command.package)
  if (ticket.package !== packageId)
    throw upgradeError({ kind: 'PackageIDDoesNotMatch', packageId, ticketId: ticket.package })
  const previous = linker.link(packageId)
  if (!previous) throw upgradeError({ kind: 'UnableToFetchPackage', packageId })
  const modules = command.modules.map(fromBase64)
  const dependencies = command.dependencies.map(parseObjectId)
  const digest = packageDigest(modules, dependencies)
  if (Buffer.compare(digest, ticket.digest) !== 0)
    throw upgradeError({ kind: 'DigestDoesNotMatch', digest })
  const stored = buildPackage(context, {
    id: runtime.freshAddress(),
    modules,
    dependencies,
    previous: previous.stored,
  })
  const linked = linker.stage(stored)
  if (!checkCompatible(previous, linked)) throw upgradeError({ kind: 'IncompatibleUpgrade' })
  context.publish(stored)
  const receipt = new Struct([idStruct(ticket.cap), idStruct(stored.id)])
  return [{ type: types.resolve(`${packageModule}::UpgradeReceipt`), cell: [receipt] }]
}

/** What an upgrade ticket promises: the hash of the sorted hashes of the modules and of the dependencies. */
export function packageDigest(
  modules: readonly Uint8Array[],
  dependencies: readonly ObjectId[],
): Uint8Array {
  const parts = [
    ...modules.map((bytes) => blake2b256(bytes)),
    ...dependencies.map((id) => Buffer.from(id.slice(2), 'hex')),
  ]
  return blake2b256(...parts.sort((a, b) => Buffer.compare(a, b)))
}

interface Ticket {
  readonly cap: ObjectId
  readonly package: ObjectId
  readonly digest: Uint8Array
}

function takeTicket(program: Program, command: Upgrade, type: MoveType): Ticket {
  const value = program.value(command.ticket, 0)
  const { fields } = new ArgumentUses().take(value, type, 0) as Struct
  const [cap, stored, , digest] = fields as [Struct, Struct, Value, Value]
  return {
    cap: cap.fields[0] as ObjectId,
    package: stored.fields[0] as ObjectId,
    digest: bytesOf(digest),
  }
}

/** Calls each module's `init`, with a one-time witness where it asks for one. */
function initialize(program: Program, linked: LinkedPackage): void {
  const { runtime, machine } = program.context
  for (const name of linked.moduleNames) {
    const init = linked.module(name)!.function('init')
    if (!init) continue
    runtime.currentCall = { packageId: linked.stored.id, module: name }
    const witness = init.parameters.length > 1 ? [new Struct([false])] : []
    machine.call(init, [], [...witness, contextReference(runtime)])
  }
}

function uid(id: ObjectId): Struct {
  return new Struct([idStruct(id)])
}

function idStruct(id: ObjectId): Struct {
  return new Struct([id])
}

function upgradeError(problem: UpgradeProblem): ExecutionFailure {
  return new ExecutionFailure(
    { kind: 'PackageUpgradeError', problem },
    `PackageUpgradeError { upgrade_error: ${problem.kind} }`,
  )
}
