import type { ChainState } from '../chain-state.ts'
import { gasRules } from '../execution/gas.ts'
import { checkGas } from '../execution/inputs.ts'
import { checkLimits } from '../execution/limits.ts'
import { readTransaction } from '../execution/transaction.ts'
import type { Transaction } from '../execution/transaction.ts'
import { refreshClock } from '../genesis.ts'
import { FieldMask, defaultMask } from '../proto/field-mask.ts'
import { G } from '../proto/grpc-types.ts'
import { maskExecuted } from '../proto/proto-executed.ts'
import { RpcCode, RpcFailure } from '../rpc-failure.ts'
import { checkExpiration, checkPackages, usesClock } from './admission.ts'
import { storedTransaction } from './ledger-service.ts'
import { unary } from './methods.ts'
import type { MethodTable } from './methods.ts'
import type { Reads } from './reads.ts'
import { checkSignatures, signatureBytes } from './signatures.ts'
import { simulate } from './simulate.ts'

/** `sui.rpc.v2.TransactionExecutionService`. */
export function executionService(chain: ChainState, reads: Reads): MethodTable {
  const service = 'sui.rpc.v2.TransactionExecutionService'
  return {
    [`${service}/SimulateTransaction`]: unary(
      G.SimulateTransactionRequest,
      G.SimulateTransactionResponse,
      (request) => simulate(chain, reads, request),
    ),
    [`${service}/ExecuteTransaction`]: unary(
      G.ExecuteTransactionRequest,
      G.ExecuteTransactionResponse,
      async (request) => {
        const message = await executeRequest(chain, request)
        const mask = FieldMask.of(request.readMask, defaultMask.execution)
        return { transaction: maskExecuted(message, mask) }
      },
    ),
  }
}

async function executeRequest(
  chain: ChainState,
  request: G.ExecuteTransactionRequest,
): Promise<G.ExecutedTransaction> {
  const bytes = request.transaction?.bcs?.value
  if (!bytes?.length) throw new RpcFailure(RpcCode.invalidArgument, 'transaction.bcs is missing')
  const transaction = readTransaction(bytes)
  const signatures = signatureBytes(request.signatures)
  await checkSignatures(transaction, signatures)
  const earlier = chain.ledger.transactions.get(transaction.digest)
  if (earlier) return storedTransaction(chain, earlier)
  return admit(chain, transaction, signatures)
}

/** Checks and executes in one turn: nothing comes between. */
function admit(
  chain: ChainState,
  transaction: Transaction,
  signatures: readonly Uint8Array[],
): G.ExecutedTransaction {
  checkLimits(transaction)
  checkExpiration(transaction, chain)
  checkPackages(transaction, chain)
  if (usesClock(transaction)) refreshClock(chain)
  const inputs = chain.inputs(transaction)
  checkGas(transaction.data, inputs.gas, gasRules)
  return chain.execute(transaction, inputs, signatures)
}
