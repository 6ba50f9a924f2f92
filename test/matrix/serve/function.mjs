// node serve/function.mjs PLATFORM FOLDER: calls the function of a serverless build for each request, as its platform does.
import { createServer } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [platform, outputDir] = process.argv.slice(2)

/** Makes a listener for node:http of the build's export. */
const PLATFORMS = {
  'vercel': { entry: 'functions/__fallback.func/index.mjs', listener: ({ default: listener }) => listener },
  'netlify': { entry: 'server/server.mjs', listener: ({ default: handler }) => (request, response) => answerWeb(handler, request, response) },
  'aws-lambda': { entry: 'server/index.mjs', listener: ({ handler }) => (request, response) => answerLambda(handler, request, response) },
}

const { entry, listener } = PLATFORMS[platform]
const built = await import(pathToFileURL(join(outputDir, entry)).href)
createServer(listener(built)).listen(Number(process.env.PORT), process.env.HOST)

/** Netlify: a web request and a web response. */
async function answerWeb(handler, request, response) {
  const body = await bodyOf(request)
  const answer = await handler(new Request(`http://${request.headers.host}${request.url}`, {
    method: request.method, headers: request.headers, body: body.length > 0 ? body : undefined,
  }))
  response.writeHead(answer.status, [...answer.headers].flat())
  for await (const chunk of answer.body ?? []) response.write(chunk)
  response.end()
}

/** AWS: a function URL, whose events have version 2.0 of API Gateway's format. */
async function answerLambda(handler, request, response) {
  const { pathname, searchParams, search } = new URL(request.url, 'http://function')
  const { cookie, ...headers } = request.headers
  const answer = await handler({
    version: '2.0',
    rawPath: pathname,
    rawQueryString: search.slice(1),
    ...cookie && { cookies: cookie.split('; ') },
    headers,
    queryStringParameters: Object.fromEntries(searchParams),
    requestContext: { http: { method: request.method, path: pathname } },
    body: (await bodyOf(request)).toString('base64'),
    isBase64Encoded: true,
  }, {})
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value)
  if (answer.cookies) response.setHeader('set-cookie', answer.cookies)
  response.writeHead(answer.statusCode).end(Buffer.from(answer.body, answer.isBase64Encoded ? 'base64' : 'utf8'))
}

async function bodyOf(request) {
  return Buffer.concat(await Array.fromAsync(request))
}
