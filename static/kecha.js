// Another captcha picture without losing what was typed. The page works without this.
(() => {
  const again = document.getElementById('captcha-again');
  const picture = document.getElementById('captcha-picture');
  const id = document.querySelector('input[name="captcha_id"]');
  if (again && picture && id) {
    again.addEventListener('click', async (event) => {
      event.preventDefault();
      const answer = await fetch('/api/v1/captcha');
      if (!answer.ok) { location.href = '/query'; return; }
      const given = await answer.json();
      picture.src = given.image;
      id.value = given.id;
      document.getElementById('captcha').value = '';
      document.getElementById('captcha').focus();
    });
  }
  const wrong = document.querySelector('.wrong[tabindex]');
  if (wrong) wrong.focus();
})();
