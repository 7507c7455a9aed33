import type { ObjectId } from '../../../terms/object-id.ts'

/** Where in the bytecode something happened. */
export interface MoveLocation {
  /** The original id of the module's package. */
  readonly package: ObjectId
  readonly module: string
  /** Place of the function among the module's definitions. */
  readonly function: number
  readonly instruction: number
  readonly functionName: string
}

/** Problems with one argument of a command, by Sui's names. */
export type ArgumentProblem =
  | { readonly kind: 'TypeMismatch' }
  | { readonly kind: 'InvalidBCSBytes' }
  | { readonly kind: 'InvalidUsageOfPureArg' }
  | { readonly kind: 'InvalidArgumentToPrivateEntryFunction' }
  | { readonly kind: 'IndexOutOfBounds'; readonly index: number }
  | {
      readonly kind: 'SecondaryIndexOutOfBounds'
      readonly index: number
      readonly subresult: number
    }
  | { readonly kind: 'InvalidResultArity'; readonly index: number }
  | { readonly kind: 'InvalidGasCoinUsage' }
  | { readonly kind: 'InvalidValueUsage' }
  | { readonly kind: 'InvalidObjectByValue' }
  | { readonly kind: 'InvalidObjectByMutRef' }

/** How a transaction can fail after it was accepted, by Sui's names (`ExecutionFailureStatus`). */
export type FailureStatus =
  | { readonly kind: 'InsufficientGas' }
  | { readonly kind: 'VMInvariantViolation' }
  | { readonly kind: 'VMVerificationOrDeserializationError' }
  | { readonly kind: 'FeatureNotYetSupported' }
  | { readonly kind: 'MoveObjectTooBig'; readonly size: number; readonly limit: number }
  | { readonly kind: 'MovePackageTooBig'; readonly size: number; readonly limit: number }
  | { readonly kind: 'InsufficientCoinBalance' }
  | { readonly kind: 'CoinBalanceOverflow' }
  | { readonly kind: 'PublishErrorNonZeroAddress' }
  | { readonly kind: 'MovePrimitiveRuntimeError'; readonly location: MoveLocation | undefined }
  | { readonly kind: 'MoveAbort'; readonly location: MoveLocation; readonly code: bigint }
  | { readonly kind: 'FunctionNotFound' }
  | { readonly kind: 'ArityMismatch' }
  | { readonly kind: 'TypeArityMismatch' }
  | { readonly kind: 'NonEntryFunctionInvoked' }
  | {
      readonly kind: 'CommandArgumentError'
      readonly argument: number
      readonly problem: ArgumentProblem
    }
  | {
      readonly kind: 'TypeArgumentError'
      readonly argument: number
      readonly problem: 'TypeNotFound' | 'ConstraintNotSatisfied'
    }
  | {
      readonly kind: 'UnusedValueWithoutDrop'
      readonly result: number
      readonly subresult: number
    }
  | { readonly kind: 'InvalidPublicFunctionReturnType'; readonly index: number }
  | { readonly kind: 'InvalidTransferObject' }
  | { readonly kind: 'PublishUpgradeMissingDependency' }
  | { readonly kind: 'PublishUpgradeDependencyDowngrade' }
  | { readonly kind: 'PackageUpgradeError'; readonly problem: UpgradeProblem }
  | { readonly kind: 'SharedObjectOperationNotAllowed' }
  | { readonly kind: 'InvalidLinkage' }

export type UpgradeProblem =
  | { readonly kind: 'UnableToFetchPackage'; readonly packageId: ObjectId }
  | { readonly kind: 'IncompatibleUpgrade' }
  | { readonly kind: 'DigestDoesNotMatch'; readonly digest: Uint8Array }
  | {
      readonly kind: 'PackageIDDoesNotMatch'
      readonly packageId: ObjectId
      readonly ticketId: ObjectId
    }

/** Ends the execution of a transaction; its gas is charged all the same. */
export class ExecutionFailure extends Error {
  override readonly name = 'ExecutionFailure'
  readonly status: FailureStatus

  constructor(status: FailureStatus, message: string = status.kind) {
    super(message)
    this.status = status
  }
}
