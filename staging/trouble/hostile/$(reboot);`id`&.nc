hostile
