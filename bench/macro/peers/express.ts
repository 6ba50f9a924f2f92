import express from 'express'
import session from 'express-session'
import { TEST_PASSWORD } from '../../passwords.ts'
import { sessionRecord } from '../../session-data.ts'
import { HOST, PORT } from './listen.ts'

/** express-session with its built-in store: the process's memory. */
const sessions = session({ secret: TEST_PASSWORD, resave: false, saveUninitialized: false, cookie: { secure: false } })

const app = express()
app.disable('x-powered-by')
app.get('/plain', (_request, response) => response.json({ n: 1 }))
app.get('/start', sessions, (request, response) => {
  Object.assign(request.session, sessionRecord(Number(request.query.bytes), Date.now()).data)
  response.json({ n: request.session.n })
})
app.get('/read', sessions, (request, response) => response.json({ n: request.session.n ?? 0 }))
app.get('/write', sessions, (request, response) => {
  request.session.n = Number(request.session.n ?? 0) + 1
  response.json({ n: request.session.n })
})
app.listen(PORT, HOST)
