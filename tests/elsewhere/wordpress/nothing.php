<?php
// Where WordPress looks for a database other than MySQL: one in which there is nothing.

class Nothing extends wpdb {
	public function __construct() {
	}

	public function query( $query ) {
		$this->last_result = array();
		return 0;
	}

	public function _real_escape( $data ) {
		return addslashes( (string) $data );
	}

	public function suppress_errors( $suppress = true ) {
		return true;
	}

	public function get_col_charset( $table, $column ) {
		return 'utf8mb4';
	}
}

$wpdb = new Nothing();
