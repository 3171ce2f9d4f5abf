<?php
// What WordPress makes of what people paste: php paste.php FOLDER-OF-WORDPRESS <pasted.json >made.json
// All of it is loaded, as for a visitor, with a database in which there is nothing.

error_reporting( E_ERROR );
define( 'ABSPATH', rtrim( $argv[1], '/' ) . '/' );
define( 'WP_SITEURL', 'http://localhost' );
define( 'WP_HOME', 'http://localhost' );
// else it wants to be installed first, and to have a theme
define( 'WP_INSTALLING', true );
define( 'DISABLE_WP_CRON', true );
foreach ( array( 'DB_NAME', 'DB_USER', 'DB_PASSWORD', 'DB_HOST' ) as $name ) {
	define( $name, '' );
}
$table_prefix              = 'wp_';
$_SERVER['HTTP_HOST']      = 'localhost';
$_SERVER['REQUEST_URI']    = '/';
$_SERVER['REQUEST_METHOD'] = 'GET';

require ABSPATH . 'wp-settings.php';

$made = array();
foreach ( json_decode( stream_get_contents( STDIN ), true, 512, JSON_THROW_ON_ERROR ) as $html ) {
	// nobody is logged in: the filters for whoever may not paste everything are on
	$saved  = wp_unslash( apply_filters( 'content_save_pre', wp_slash( $html ) ) );
	$made[] = array(
		'filtered'   => wp_kses_post( $html ),
		'paragraphs' => wpautop( wp_kses_post( $html ) ),
		'page'       => apply_filters( 'the_content', $saved ),
		'trusted'    => apply_filters( 'the_content', $html ),
	);
}
echo json_encode( array( 'version' => $wp_version, 'made' => $made ), JSON_THROW_ON_ERROR );
