// Selecting one of the rules for joining also selects that they count: with "everyone" they have no effect.
(() => {
  const form = document.getElementById("rules");
  const onlySome = form.querySelector('[name="who"][value="rules"]');

  form.addEventListener("input", ({ target }) => {
    const isOn = target.type === "checkbox" ? target.checked : target.value.trim();
    if (target.name !== "who" && isOn) onlySome.checked = true;
  });
})();
