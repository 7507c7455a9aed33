/** The longest pack that is made; less where the network takes less. */
export const packBytes = 64 << 20
