// Copies the text of a field or of an element; without this the text can be selected and copied by hand.
const copyText = (source) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(source.value ?? source.textContent);
  getSelection().selectAllChildren(source);
  source.select?.();
  return document.execCommand("copy") ? Promise.resolve() : Promise.reject();
};

const sayDone = (button) => {
  const [shown, said] = [button.firstElementChild, button.nextElementSibling];
  const before = shown.textContent;
  if (said.textContent) return;
  shown.textContent = said.textContent = button.dataset.done;
  setTimeout(() => {
    shown.textContent = before;
    said.textContent = "";
  }, 2500);
};

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    copyText(document.getElementById(button.dataset.copy)).then(() => sayDone(button));
  });
}
