/** The address of a peer's server. */
export const HOST = '127.0.0.1'
export const PORT = Number(process.env.PORT)
