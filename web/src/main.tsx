import './ui/theme.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { applyTheme, loadTheme } from './ui/theme.ts';

applyTheme(loadTheme());
const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id root.');
createRoot(root).render(<App />);
