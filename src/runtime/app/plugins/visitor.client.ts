import { defineNuxtPlugin } from '#app/nuxt'
import { watchVisitor } from '../visitor'

/** For guarded pages, whose code is loaded after the visitor's click on their link. */
export default defineNuxtPlugin({ name: 'nuxt-h3-session:visitor', enforce: 'pre', setup: watchVisitor })
