echo "migrated"
