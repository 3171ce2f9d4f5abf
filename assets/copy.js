for (const button of document.querySelectorAll('[data-copy]')) {
  const field = document.getElementById(button.dataset.copy), said = button.nextElementSibling;
  button.hidden = false;
  said.nextElementSibling.hidden = true;
  button.onclick = async () => {
    field.select();
    let copied = true;
    // clipboard: https only
    try { await navigator.clipboard.writeText(field.value) } catch { copied = document.execCommand('copy') }
    said.textContent = copied ? said.dataset.done : said.dataset.failed;
  };
}
