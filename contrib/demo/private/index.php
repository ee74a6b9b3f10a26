<?php
// Who is it?  The web server's gate has asked sessgate, and only somebody who
// is logged in gets here.  These cannot be sent by a browser: its headers
// arrive as HTTP_*.
$names = ['REMOTE_USER', 'SESSGATE_USER_ID', 'SESSGATE_EMAIL',
    'SESSGATE_SESSION'];

function text(string $key): string
{
	return htmlspecialchars($_SERVER[$key] ?? '');
}
?>
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A private page</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main>
<h1>A private page</h1>
<p>Welcome, <strong><?= text('REMOTE_USER') ?></strong>. PHP knows of you:</p>
<dl>
<?php foreach ($names as $key): ?>
<dt><code><?= $key ?></code></dt><dd><?= text($key) ?></dd>
<?php endforeach ?>
</dl>
<p>There is also <a href="page.html">a static page</a>, no less private.</p>
<form method="post" action="/sessgate/logout">
<button type="submit">Log out</button>
</form>
</main>
</body>
</html>
