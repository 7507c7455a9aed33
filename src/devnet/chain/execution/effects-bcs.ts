import type { bcs } from '@mysten/sui/bcs'
import type {
  ArgumentProblem,
  FailureStatus,
  MoveLocation,
  UpgradeProblem,
} from '../move/failure.ts'
import type { Owner } from '../move/session.ts'

/** What the SDK's codec of effects takes. */
export type EffectsV2 = Extract<
  Parameters<typeof bcs.TransactionEffects.serialize>[0],
  { V2: unknown }
>['V2']
type FailureBcs = Extract<EffectsV2['status'], { Failure: unknown }>['Failure']['error']
type OwnerBcs = Parameters<typeof bcs.Owner.serialize>[0]

export function ownerBcs(owner: Owner): OwnerBcs {
  switch (owner.kind) {
    case 'address':
      return { AddressOwner: owner.address }
    case 'object':
      return { ObjectOwner: owner.parent }
    case 'shared':
      return { Shared: { initialSharedVersion: owner.initialVersion } }
    case 'immutable':
      return { Immutable: true }
  }
}

type Details = {
  readonly [K in FailureStatus['kind']]?: (failure: Extract<FailureStatus, { kind: K }>) => unknown
}

/** A failure in the form of Sui's `ExecutionFailureStatus`. */
export function failureBcs(failure: FailureStatus): FailureBcs {
  const detail = details[failure.kind] as ((failure: FailureStatus) => unknown) | undefined
  return { [failure.kind]: detail ? detail(failure) : true } as FailureBcs
}

const tooBig = ({ size, limit }: { size: number; limit: number }) => ({
  objectSize: size,
  maxObjectSize: limit,
})

/** Failures that say more than their name. */
const details: Details = {
  MoveAbort: ({ location, code }) => [locationBcs(location), code],
  MovePrimitiveRuntimeError: ({ location }) => (location ? locationBcs(location) : null),
  MoveObjectTooBig: tooBig,
  MovePackageTooBig: tooBig,
  CommandArgumentError: ({ argument, problem }) => ({
    argIdx: argument,
    kind: { [problem.kind]: argumentBcs(problem) },
  }),
  TypeArgumentError: ({ argument, problem }) => ({
    argumentIdx: argument,
    kind: { [problem]: true },
  }),
  UnusedValueWithoutDrop: ({ result, subresult }) => ({
    resultIdx: result,
    secondaryIdx: subresult,
  }),
  InvalidPublicFunctionReturnType: ({ index }) => ({ idx: index }),
  PackageUpgradeError: ({ problem }) => ({ upgradeError: upgradeBcs(problem) }),
}

function locationBcs(location: MoveLocation): object {
  return {
    module: { address: location.package, name: location.module },
    function: location.function,
    instruction: location.instruction,
    functionName: location.functionName,
  }
}

function argumentBcs(problem: ArgumentProblem): unknown {
  if (problem.kind === 'IndexOutOfBounds') return { idx: problem.index }
  if (problem.kind === 'InvalidResultArity') return { resultIdx: problem.index }
  if (problem.kind === 'SecondaryIndexOutOfBounds')
    return { resultIdx: problem.index, secondaryIdx: problem.subresult }
  return true
}

function upgradeBcs(problem: UpgradeProblem): object {
  switch (problem.kind) {
    case 'IncompatibleUpgrade':
      return { IncompatibleUpgrade: true }
    case 'UnableToFetchPackage':
      return { UnableToFetchPackage: { packageId: problem.packageId } }
    case 'DigestDoesNotMatch':
      return { DigestDoesNotMatch: { digest: problem.digest } }
    case 'PackageIDDoesNotMatch':
      return {
        PackageIDDoesNotMatch: { packageId: problem.packageId, ticketId: problem.ticketId },
      }
  }
}
