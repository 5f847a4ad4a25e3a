from django import template

from confbox.kit.fragments import fragment

register = template.Library()
register.simple_tag(fragment)
