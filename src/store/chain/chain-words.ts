/**
 * What full nodes and the SDK say in words only. Everything else is decided by codes; this is the one place that
 * reads sentences, and its test knows each of them.
 */
const insufficientGas = [
  // sui-rpc-api, gas selection of SimulateTransaction
  /gas selection due to insufficient sui balance/i,
  // UserInputError::GasBalanceTooLow
  /balance of gas object .* is lower than the needed amount/i,
  // ExecutionErrorKind::InsufficientGas, which has no structured details
  /insufficient ?gas/i,
  /no valid gas coins? found/i,
]

/** `Insufficient balance of TYPE for owner OWNER. Required: N, Available: M` of the SDK's coinWithBalance. */
const insufficientBalance = /^insufficient balance of (\S+) for owner/i

/** UserInputError::IncorrectUserSignature */
const foreignObject = /is owned by account address .*, but given owner\/signer address is/i

/** Whether the words say that the account cannot pay for gas. */
export function saysNoGas(message: string): boolean {
  return insufficientGas.some((pattern) => pattern.test(message))
}

/** The coin type of which the account has too little, when the words say that. */
export function missingCoinType(message: string): string | undefined {
  return insufficientBalance.exec(message)?.[1]
}

/** Whether the words say that somebody else owns an object of the transaction. */
export function saysNotOwner(message: string): boolean {
  return foreignObject.test(message)
}
