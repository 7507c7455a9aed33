import type { ArgumentProblem, FailureStatus, UpgradeProblem } from '../move/failure.ts'
import { G } from './grpc-types.ts'

/** A failed execution as clients parse it. */
export function protoFailure(
  failure: FailureStatus,
  message: string,
  command: number | undefined,
): G.ExecutionError {
  const error: G.ExecutionError = {
    description: message,
    kind: kindOf(failure),
    errorDetails: detailsOf(failure),
  }
  if (command !== undefined) error.command = BigInt(command)
  return error
}

const kinds = G.ExecutionError_ExecutionErrorKind

/** Sui's messages call some things otherwise than its effects do. */
const otherNames: Partial<Record<FailureStatus['kind'], keyof typeof kinds>> = {
  MoveObjectTooBig: 'OBJECT_TOO_BIG',
  MovePackageTooBig: 'PACKAGE_TOO_BIG',
  VMInvariantViolation: 'VM_INVARIANT_VIOLATION',
  VMVerificationOrDeserializationError: 'VM_VERIFICATION_OR_DESERIALIZATION_ERROR',
  SharedObjectOperationNotAllowed: 'CONSENSUS_OBJECT_OPERATION_NOT_ALLOWED',
}

function kindOf({ kind }: FailureStatus): G.ExecutionError_ExecutionErrorKind {
  return kinds[otherNames[kind] ?? (upperSnake(kind) as keyof typeof kinds)] ?? 0
}

/** `CommandArgumentError` becomes `COMMAND_ARGUMENT_ERROR`. */
function upperSnake(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()
}

type DetailsOf = G.ExecutionError['errorDetails']
type DetailTable = {
  readonly [K in FailureStatus['kind']]?: (
    failure: Extract<FailureStatus, { kind: K }>,
  ) => DetailsOf
}

function detailsOf(failure: FailureStatus): DetailsOf {
  const detail = details[failure.kind] as ((failure: FailureStatus) => DetailsOf) | undefined
  return detail ? detail(failure) : { oneofKind: undefined }
}

const tooBig = ({ size, limit }: { size: number; limit: number }): DetailsOf => ({
  oneofKind: 'sizeError',
  sizeError: { size: BigInt(size), maxSize: BigInt(limit) },
})

const details: DetailTable = {
  MoveAbort: ({ location, code }) => ({
    oneofKind: 'abort',
    abort: { abortCode: code, location },
  }),
  MovePrimitiveRuntimeError: ({ location }) =>
    location ? { oneofKind: 'abort', abort: { location } } : { oneofKind: undefined },
  MoveObjectTooBig: tooBig,
  MovePackageTooBig: tooBig,
  CommandArgumentError: ({ argument, problem }) => ({
    oneofKind: 'commandArgumentError',
    commandArgumentError: argumentError(argument, problem),
  }),
  TypeArgumentError: ({ argument, problem }) => ({
    oneofKind: 'typeArgumentError',
    typeArgumentError: {
      typeArgument: argument,
      kind: G.TypeArgumentError_TypeArgumentErrorKind[
        problem === 'TypeNotFound' ? 'TYPE_NOT_FOUND' : 'CONSTRAINT_NOT_SATISFIED'
      ],
    },
  }),
  UnusedValueWithoutDrop: ({ result, subresult }) => ({
    oneofKind: 'indexError',
    indexError: { index: result, subresult },
  }),
  InvalidPublicFunctionReturnType: ({ index }) => ({
    oneofKind: 'indexError',
    indexError: { index },
  }),
  PackageUpgradeError: ({ problem }) => ({
    oneofKind: 'packageUpgradeError',
    packageUpgradeError: upgradeError(problem),
  }),
}

const argumentNames: Partial<Record<ArgumentProblem['kind'], string>> = {
  InvalidBCSBytes: 'INVALID_BCS_BYTES',
  InvalidUsageOfPureArg: 'INVALID_USAGE_OF_PURE_ARGUMENT',
}

function argumentError(argument: number, problem: ArgumentProblem): G.CommandArgumentError {
  const names = G.CommandArgumentError_CommandArgumentErrorKind
  const name = argumentNames[problem.kind] ?? upperSnake(problem.kind)
  const error: G.CommandArgumentError = { argument, kind: names[name as keyof typeof names] }
  if ('subresult' in problem)
    error.indexError = { index: problem.index, subresult: problem.subresult }
  else if ('index' in problem) error.indexError = { index: problem.index }
  return error
}

function upgradeError(problem: UpgradeProblem): G.PackageUpgradeError {
  const names = G.PackageUpgradeError_PackageUpgradeErrorKind
  switch (problem.kind) {
    case 'UnableToFetchPackage':
      return { kind: names.UNABLE_TO_FETCH_PACKAGE, packageId: problem.packageId }
    case 'IncompatibleUpgrade':
      return { kind: names.INCOMPATIBLE_UPGRADE }
    case 'DigestDoesNotMatch':
      return {
        kind: names.DIGEST_DOES_NOT_MATCH,
        digest: Buffer.from(problem.digest).toString('base64'),
      }
    case 'PackageIDDoesNotMatch':
      return {
        kind: names.PACKAGE_ID_DOES_NOT_MATCH,
        packageId: problem.packageId,
        ticketId: problem.ticketId,
      }
  }
}
