import { mount } from 'svelte'
import './page.css'
import App from './App.svelte'
import { language } from './words.js'

document.documentElement.lang = language
mount(App, { target: document.getElementById('page') })
