import { ExecutionFailure } from '../move/failure.ts'
import type { ArgumentProblem } from '../move/failure.ts'

/** A command cannot use one of its arguments. */
export function argumentError(argument: number, problem: ArgumentProblem): ExecutionFailure {
  return new ExecutionFailure(
    { kind: 'CommandArgumentError', argument, problem },
    `CommandArgumentError { arg_idx: ${argument}, kind: ${problem.kind} }`,
  )
}
