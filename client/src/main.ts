import { createApp } from 'vue'
import App from './App.vue'
import { followColorMode } from './state/color-mode'
import { startPanel } from './state/panel'
import './styles/base.css'
import './styles/controls.css'

followColorMode()
createApp(App).mount('#app')
void startPanel()
